import type { EffectList } from '../effect-list.ts';
import type { ServerState } from '../server-state.ts';
import type { Session } from '../sessions/session.ts';

/** Notes whether a client wants to hear of changes; the driver looks for them as long as anybody does. */
// CHAT-WATCH-1
export function setFileWatching(
  state: ServerState,
  effects: EffectList,
  session: Session,
  isWatching: boolean,
): void {
  const { fileWatchers } = state;
  const wasWanted = fileWatchers.size > 0;
  if (isWatching) fileWatchers.add(session);
  else fileWatchers.delete(session);
  const isWanted = fileWatchers.size > 0;
  if (state.options.sharesFiles && isWanted !== wasWanted) effects.add({ type: 'watch-files', isWanted });
}

/** Tells those who look that the list is another one. */
// CHAT-WATCH-1
export function tellFilesChanged(state: ServerState, effects: EffectList): void {
  const connectionIds = Array.from(state.fileWatchers, ({ connectionId }) => connectionId);
  effects.broadcast(connectionIds, { type: 'files-changed' });
}
