import type { FilePath, Parsed, TransferId } from '@parley/protocol';
import { refuseWhileStopping } from '../../sessions/drain.ts';
import type { Membership } from '../../sessions/session.ts';
import type { Opening, Transfer } from '../../transfers/transfer-registry.ts';
import { beginOrQueue } from '../../transfers/transfer-turns.ts';
import type { HandlerContext } from '../handler.ts';
import { hasPlaceForRequest } from '../pending-request.ts';

/** Has a transfer opened, in whichever direction, when its turn has come; refuses the request when there may be none. */
export function openTransfer<Name extends FilePath>(
  context: HandlerContext,
  request: { readonly requestId: number; readonly name: string },
  { userId }: Membership,
  how: {
    readonly parse: (text: string) => Parsed<Name>;
    readonly openingFor: (transferId: TransferId, name: Name) => Opening;
    readonly announcement?: Transfer['announcement'];
  },
): void {
  const { state, effects, session } = context;
  const { requestId } = request;
  const { limits } = state;
  if (!state.options.sharesFiles) {
    const problem = 'this server shares no files';
    effects.refuse(session, requestId, { code: 'transfers-unavailable', message: problem });
    return;
  }
  if (state.stopping !== undefined) {
    refuseWhileStopping(state, effects, session, requestId);
    return;
  }
  const name = how.parse(request.name);
  if (!name.ok) {
    effects.refuse(session, requestId, { code: 'file-name-invalid', message: name.problem });
    return;
  }
  // CHAT-TRANSFER-8
  if (session.transfers.size >= limits.transfersMax) {
    const problem = `at most ${limits.transfersMax} transfers may be open at a time, wait for one to end`;
    effects.refuse(session, requestId, { code: 'transfer-limit', message: problem });
    return;
  }
  if (!hasPlaceForRequest(context, requestId)) return;
  const { value } = name;
  const transfer = state.transfers.open(
    session,
    { requestId, name: value, userId, announcement: how.announcement },
    (transferId) => how.openingFor(transferId, value),
  );
  beginOrQueue(effects, session, transfer);
}
