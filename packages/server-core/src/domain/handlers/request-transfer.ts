import { parseFileName } from '@parley/protocol';
import { returnAfterMs } from '../drain.ts';
import type { MemberHandler } from './handler.ts';

/** Has a file prepared for sending; the offer follows when the UDP endpoint knows the ticket. */
// CHAT-TRANSFER-1
export const handleRequestTransfer: MemberHandler<'request-transfer'> = (context, message, member) => {
  const { state, effects, session } = context;
  const { requestId, chunkRoot, ranges } = message;
  const { limits } = state;
  if (!state.options.sharesFiles) {
    const problem = 'this server shares no files';
    effects.refuse(session, requestId, { code: 'transfers-unavailable', message: problem });
    return;
  }
  // CHAT-DRAIN-2
  if (state.stopping !== undefined) {
    const retryAfterMs = returnAfterMs(session.connectionId, state.stopping) ?? 0;
    effects.refuse(session, requestId, {
      code: 'server-draining',
      message: state.stopping.message,
      retryAfterMs,
    });
    return;
  }
  const name = parseFileName(message.name);
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
  // CHAT-REQUEST-3
  if (session.pendingRequests >= limits.pendingRequestsMax) {
    const problem = `at most ${limits.pendingRequestsMax} requests may wait for their answers`;
    effects.refuse(session, requestId, { code: 'request-limit', message: problem });
    return;
  }
  session.pendingRequests += 1;
  const { transferId } = state.transfers.open(session, { requestId, name: name.value });
  const { nickname } = member;
  const { address } = session;
  effects.add({ type: 'open-transfer', transferId, name: name.value, chunkRoot, ranges, nickname, address });
};
