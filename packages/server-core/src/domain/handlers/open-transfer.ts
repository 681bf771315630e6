import type { FilePath, Parsed, TransferId } from '@parley/protocol';
import { returnAfterMs } from '../drain.ts';
import type { Transfer } from '../transfer-registry.ts';
import type { HandlerContext } from './handler.ts';
import { hasPlaceForRequest } from './pending-request.ts';

/** Counts a transfer, in whichever direction, as being opened; refuses the request when there may be none. */
export function openTransfer<Name extends FilePath>(
  context: HandlerContext,
  request: { readonly requestId: number; readonly name: string },
  parse: (text: string) => Parsed<Name>,
  announcement?: Transfer['announcement'],
): { readonly transferId: TransferId; readonly name: Name } | undefined {
  const { state, effects, session } = context;
  const { requestId } = request;
  const { limits } = state;
  if (!state.options.sharesFiles) {
    const problem = 'this server shares no files';
    effects.refuse(session, requestId, { code: 'transfers-unavailable', message: problem });
    return undefined;
  }
  // CHAT-DRAIN-2
  if (state.stopping !== undefined) {
    const retryAfterMs = returnAfterMs(session.connectionId, state.stopping) ?? 0;
    const { message } = state.stopping;
    effects.refuse(session, requestId, { code: 'server-draining', message, retryAfterMs });
    return undefined;
  }
  const name = parse(request.name);
  if (!name.ok) {
    effects.refuse(session, requestId, { code: 'file-name-invalid', message: name.problem });
    return undefined;
  }
  // CHAT-TRANSFER-8
  if (session.transfers.size >= limits.transfersMax) {
    const problem = `at most ${limits.transfersMax} transfers may be open at a time, wait for one to end`;
    effects.refuse(session, requestId, { code: 'transfer-limit', message: problem });
    return undefined;
  }
  if (!hasPlaceForRequest(context, requestId)) return undefined;
  const { transferId } = state.transfers.open(session, { requestId, name: name.value, announcement });
  return { transferId, name: name.value };
}
