import type { HandlerContext } from './handlers/handler.ts';
import { readMarkers } from './handlers/join-room.ts';
import { enterRoom } from './room-membership.ts';
import type { Membership } from './session.ts';
import { endSession } from './session-end.ts';

/** Makes a session that of a user: nickname, the lobby, conversations, and the answer to its request. */
// CHAT-REGISTER-1, CHAT-REGISTER-3
export function comeIn(context: HandlerContext, requestId: number, membership: Membership): void {
  const { state, effects, session, now } = context;
  const { nickname, userId } = membership;
  // CHAT-REGISTER-4
  const former = state.sessions.byUser(userId);
  if (former !== undefined) {
    const reason = 'came back with another connection';
    const goodbye = { code: 'replaced', message: 'you came back with another connection' } as const;
    endSession(state, effects, former, { cause: 'disconnected', reason, goodbye }, now);
  }
  const { connectionId, sessionId } = session;
  state.sessions.register(session, membership);
  const rooms = [state.rooms.lobby, ...state.rooms.directOf(userId)];
  for (const room of rooms) {
    room.parties = room.parties.map((party) => (party.userId === userId ? { userId, nickname } : party));
    enterRoom(state, effects, session, room, now);
  }
  effects.send(connectionId, { type: 'registered', requestId, nickname, sessionId });
  readMarkers(
    context,
    membership,
    rooms.map((room) => room.key),
  );
  effects.note({ name: 'user-joined', connectionId, nickname });
}
