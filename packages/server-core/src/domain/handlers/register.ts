import { nicknameKey, parseNickname } from '@parley/protocol';
import { enterRoom } from '../room-membership.ts';
import type { Membership } from '../session.ts';
import { endSession } from '../session-end.ts';
import { userIdOf } from '../user-identity.ts';
import type { Handler, HandlerContext } from './handler.ts';
import { readMarkers } from './join-room.ts';

/** Gives a client its nickname, its place in the lobby and its conversations. */
// CHAT-REGISTER-1, CHAT-REGISTER-3
export const handleRegister: Handler<'register'> = (context, message) => {
  const { state, effects, session, now } = context;
  const { requestId } = message;
  const parsed = parseNickname(message.nickname);
  if (!parsed.ok) {
    effects.refuse(session, requestId, { code: 'nickname-invalid', message: parsed.problem });
    return;
  }
  const nickname = parsed.value;
  const key = nicknameKey(nickname);
  const userId = userIdOf(message.secret, state.options.hash);
  const owner = state.sessions.byNickname(key);
  // CHAT-REGISTER-2
  if (owner !== undefined && owner.membership?.userId !== userId) {
    const problem = `the nickname ${nickname} is in use, choose another one`;
    effects.refuse(session, requestId, { code: 'nickname-taken', message: problem });
    return;
  }
  // CHAT-REGISTER-4
  const former = state.sessions.byUser(userId);
  if (former !== undefined) {
    const reason = 'came back with another connection';
    const goodbye = { code: 'replaced', message: 'you came back with another connection' } as const;
    endSession(state, effects, former, { cause: 'disconnected', reason, goodbye }, now);
  }
  const { connectionId, sessionId } = session;
  const membership = { nickname, key, userId };
  state.sessions.register(session, membership);
  const rooms = [state.rooms.lobby, ...state.rooms.directOf(userId)];
  keepName(context, membership);
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
};

/** Has the store know by which name a user's conversations are found from now on. */
// CHAT-DIRECT-2
function keepName({ state }: HandlerContext, { userId, nickname }: Membership): void {
  const parties = Array.from(state.rooms.directOf(userId), (room) => room.parties).flat();
  const isKnown = parties.every((party) => party.userId !== userId || party.nickname === nickname);
  // A name that could not be kept is kept the next time.
  if (!isKnown && !state.writer.isFull)
    state.writer.enqueue({ type: 'name-user', userId, nickname }, () => {});
}
