import type { EffectList } from '../effect-list.ts';
import { RECONNECT_AFTER_MS } from '../limits.ts';
import { enterRoom } from '../rooms/room-membership.ts';
import type { ServerState } from '../server-state.ts';
import type { Pace, Session } from './session.ts';
import { endSession } from './session-end.ts';

/**
 * Takes notice of how much waits to be read by a client. The more it is, the less the client is sent unasked; when it has
 * read everything it hears where its rooms stand, reads the rest from their logs, and is as everybody again.
 */
// CHAT-SLOW-1, CHAT-BEHIND-1, CHAT-BEHIND-2
export function handleBacklog(
  state: ServerState,
  effects: EffectList,
  session: Session,
  queuedBytes: number,
  now: number,
): void {
  const { queueBytesMax, pushedQueueBytesMax, presenceQueueBytesMax } = state.limits;
  if (queuedBytes > queueBytesMax) {
    sendAway(state, effects, session, `${queuedBytes} bytes wait to be read by this client`, now);
  } else if (queuedBytes > pushedQueueBytesMax && session.pace !== 'behind') {
    session.behindSince = now;
    setPace(session, 'behind');
    state.sessions.reschedule(session);
    effects.note({ name: 'session-behind', connectionId: session.connectionId, queuedBytes });
  } else if (queuedBytes > presenceQueueBytesMax && session.pace === 'live') {
    setPace(session, 'quiet');
  } else if (queuedBytes === 0 && session.pace !== 'live') {
    catchUp(state, effects, session, now);
  }
}

/** Ends a session whose client does not read. */
// CHAT-SLOW-1
export function sendAway(
  state: ServerState,
  effects: EffectList,
  session: Session,
  message: string,
  now: number,
): void {
  const reconnectAfterMs = RECONNECT_AFTER_MS['slow-reader'];
  const goodbye = { code: 'slow-reader', message, reconnectAfterMs } as const;
  endSession(state, effects, session, { cause: 'disconnected', reason: 'reads too slowly', goodbye }, now);
}

// CHAT-BEHIND-3
function catchUp(state: ServerState, effects: EffectList, session: Session, now: number): void {
  setPace(session, 'live');
  for (const room of session.rooms) enterRoom(state, effects, session, room, now);
}

function setPace(session: Session, pace: Pace): void {
  session.pace = pace;
  for (const room of session.rooms) room.refreshRecipients();
}
