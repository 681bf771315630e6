import { parseFilePath, parseSentPath } from '@parley/protocol';
import type { MemberHandler } from '../handler.ts';
import { hasPlaceForRequest } from '../pending-request.ts';

/** Has a file or folder removed that was sent to the user, or by it; the answer follows when it is. */
// CHAT-SEND-3
export const handleDiscardFile: MemberHandler<'discard-file'> = (context, message, { userId }) => {
  const { state, effects, session } = context;
  const { requestId } = message;
  const { connectionId } = session;
  const name = parseFilePath(message.name);
  if (!name.ok || parseSentPath(name.value) === undefined || !state.options.sharesFiles) {
    const problem = `${message.name} is nothing that was sent to you, or by you`;
    effects.refuse(session, requestId, { code: 'file-not-found', message: problem });
    return;
  }
  if (!hasPlaceForRequest(context, requestId)) return;
  effects.add({ type: 'discard-file', connectionId, requestId, name: name.value, userId });
};
