import type { Handler } from './handler.ts';

/** Has a page of the shared files read; the answer follows when the disk has given it. */
// CHAT-LIST-2
export const handleListFiles: Handler<'list-files'> = ({ state, effects, session }, message) => {
  const { requestId, cursor, limit, pattern, order } = message;
  const { connectionId } = session;
  if (!state.options.sharesFiles) {
    effects.send(connectionId, { type: 'files', requestId, files: [], nextCursor: undefined });
    return;
  }
  // CHAT-REQUEST-3
  if (session.pendingRequests >= state.limits.pendingRequestsMax) {
    const message = `at most ${state.limits.pendingRequestsMax} requests may wait for their answers`;
    effects.refuse(session, requestId, { code: 'request-limit', message });
    return;
  }
  session.pendingRequests += 1;
  effects.add({ type: 'list-files', connectionId, requestId, cursor, limit, pattern, order });
};
