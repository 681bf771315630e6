import { setFileWatching } from '../../transfers/file-watching.ts';
import type { Handler } from '../handler.ts';

/** Has the client told of changes of the shared files, or not any more. */
// CHAT-WATCH-1
export const handleWatchFiles: Handler<'watch-files'> = ({ state, effects, session }, message) => {
  const { requestId, isWatching } = message;
  setFileWatching(state, effects, session, isWatching !== 0);
  effects.send(session.connectionId, { type: 'done', requestId });
};
