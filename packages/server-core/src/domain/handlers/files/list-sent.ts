import type { MemberHandler } from '../handler.ts';
import { hasPlaceForRequest } from '../pending-request.ts';

/** Has looked for what others have sent to the user; the answer follows when it is found. */
// CHAT-SEND-4
export const handleListSent: MemberHandler<'list-sent'> = (context, { requestId }, { userId, nickname }) => {
  const { state, effects, session } = context;
  const { connectionId } = session;
  if (!state.options.sharesFiles) {
    effects.send(connectionId, { type: 'sent-files', requestId, files: [] });
    return;
  }
  if (!hasPlaceForRequest(context, requestId)) return;
  effects.add({ type: 'list-sent', connectionId, requestId, userId, nickname });
};
