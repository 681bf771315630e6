import type { Handler } from '../handler.ts';
import { hasPlaceForRequest } from '../pending-request.ts';

/** Has a page of the shared files read; the answer follows when the disk has given it. */
// CHAT-LIST-2
export const handleListFiles: Handler<'list-files'> = (context, message) => {
  const { state, effects, session } = context;
  const { requestId, cursor, limit, pattern, order } = message;
  const { connectionId } = session;
  if (!state.options.sharesFiles) {
    effects.send(connectionId, { type: 'files', requestId, files: [], nextCursor: undefined });
    return;
  }
  if (!hasPlaceForRequest(context, requestId)) return;
  effects.add({ type: 'list-files', connectionId, requestId, cursor, limit, pattern, order });
};
