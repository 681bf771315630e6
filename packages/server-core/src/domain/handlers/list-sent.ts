import type { MemberHandler } from './handler.ts';

/** Has the files looked for that others have sent to the user; the answer follows when they are found. */
// CHAT-SEND-4
export const handleListSent: MemberHandler<'list-sent'> = (
  { state, effects, session },
  { requestId },
  { userId, nickname },
) => {
  const { connectionId } = session;
  if (!state.options.sharesFiles) {
    effects.send(connectionId, { type: 'sent-files', requestId, files: [] });
    return;
  }
  // CHAT-REQUEST-3
  if (session.pendingRequests >= state.limits.pendingRequestsMax) {
    const message = `at most ${state.limits.pendingRequestsMax} requests may wait for their answers`;
    effects.refuse(session, requestId, { code: 'request-limit', message });
    return;
  }
  session.pendingRequests += 1;
  effects.add({ type: 'list-sent', connectionId, requestId, userId, nickname });
};
