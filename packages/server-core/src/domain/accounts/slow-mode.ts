import type { HandlerContext } from '../handlers/handler.ts';
import type { Room } from '../rooms/room.ts';
import type { Membership } from '../sessions/session.ts';
import { isAbove } from './permissions.ts';
import { standingOf } from './standing.ts';

/** Whether a user has waited long enough in a room in slow mode; refuses the request otherwise. */
// CHAT-SLOW-2
export function hasWaited(
  { state, effects, session, now }: HandlerContext,
  requestId: number,
  { userId }: Membership,
  room: Room,
): boolean {
  const { slowModeMs } = state.accounts.settingsOf(room.key);
  if (slowModeMs === 0) {
    if (room.wroteAt.size > 0) room.wroteAt.clear();
    return true;
  }
  if (isAbove(standingOf(state, userId, room, state.timeAt(now)), 'member')) return true;
  const retryAfterMs = Math.ceil((room.wroteAt.get(userId) ?? Number.NEGATIVE_INFINITY) + slowModeMs - now);
  if (retryAfterMs > 0) {
    const message = `one message in ${Math.ceil(slowModeMs / 1_000)} s here, go on in ${Math.ceil(retryAfterMs / 1_000)} s`;
    effects.refuse(session, requestId, { code: 'slow-mode', message, retryAfterMs });
    return false;
  }
  // Those who wrote last are last in the map: the others have waited long enough.
  for (const [other, at] of room.wroteAt) {
    if (at + slowModeMs > now) break;
    room.wroteAt.delete(other);
  }
  room.wroteAt.delete(userId);
  room.wroteAt.set(userId, now);
  return true;
}
