import type { UserId } from '../../history/history-store.ts';
import { banWords } from '../accounts/sanctions.ts';
import type { HandlerContext } from '../handlers/handler.ts';
import { readMarkers } from '../handlers/rooms/join-room.ts';
import { enterRoom } from '../rooms/room-membership.ts';
import type { DeviceId, Membership } from './session.ts';
import { endSession } from './session-end.ts';

/** Makes a session that of a user: nickname, the lobby, conversations, and the answer to its request. */
// CHAT-REGISTER-1, CHAT-REGISTER-3
export function comeIn(context: HandlerContext, requestId: number, membership: Membership): void {
  const { state, effects, session, now } = context;
  const { nickname, userId } = membership;
  replaceFormer(context, membership);
  const isFirst = state.sessions.sessionsOf(userId).length === 0;
  const { connectionId, sessionId } = session;
  state.sessions.register(session, membership);
  const { lobby } = state.rooms;
  const visitor = { userId, address: session.address };
  const isWelcome = state.accounts.banOf(visitor, lobby.key, state.timeAt(now)) === undefined;
  const rooms = [...(isWelcome ? [lobby] : []), ...state.rooms.directOf(userId)];
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
  if (isFirst) effects.note({ name: 'user-joined', connectionId, nickname });
}

/** Sends somebody away whom the server does not take. */
// CHAT-MODERATE-4
export function isTurnedAway({ state, effects, session, now }: HandlerContext, userId: UserId): boolean {
  const visitor = { userId, address: session.address };
  const ban = state.accounts.banOf(visitor, undefined, state.timeAt(now));
  if (ban === undefined) return false;
  const goodbye = { code: 'banned', message: banWords(ban) } as const;
  endSession(state, effects, session, { cause: 'removed', reason: 'banned', goodbye }, now);
  return true;
}

/** Ends a session whose device is here with a newer connection: its login took longer to check, and the newer one is the live one. */
// CHAT-DEVICE-1
export function isOutrun(
  { state, effects, session, now }: HandlerContext,
  userId: UserId,
  deviceId: DeviceId,
): boolean {
  const isNewer = state.sessions
    .sessionsOf(userId)
    .some((other) => other.membership?.deviceId === deviceId && other.sessionId > session.sessionId);
  if (!isNewer) return false;
  endSession(state, effects, session, { cause: 'disconnected', reason: CAME_BACK, goodbye: REPLACED }, now);
  return true;
}

const CAME_BACK = 'came back with another connection';
const REPLACED = { code: 'replaced', message: 'you came back with another connection' } as const;

/** A device has one connection, and a user so many devices: the one that was silent the longest makes room. */
// CHAT-REGISTER-4, CHAT-DEVICE-1
function replaceFormer(context: HandlerContext, { userId, deviceId, hasAccount }: Membership): void {
  const { state, effects, now } = context;
  const devices = [...state.sessions.sessionsOf(userId)].sort(
    (left, right) => left.lastHeardAt - right.lastHeardAt,
  );
  const same = devices.filter(({ membership }) => !hasAccount || membership?.deviceId === deviceId);
  const isFull = same.length === 0 && devices.length >= state.limits.devicesPerUserMax;
  for (const former of isFull ? devices.slice(0, 1) : same) {
    const tooMany = { code: 'replaced', message: 'you came with more devices than a user may have' } as const;
    const goodbye = isFull ? tooMany : REPLACED;
    endSession(state, effects, former, { cause: 'disconnected', reason: CAME_BACK, goodbye }, now);
  }
}

/** Has the store know by which name a user's conversations are found from now on. */
// CHAT-DIRECT-2
function keepName({ state }: HandlerContext, { userId, nickname }: Membership): void {
  const parties = Array.from(state.rooms.directOf(userId), (room) => room.parties).flat();
  const isKnown = parties.every((party) => party.userId !== userId || party.nickname === nickname);
  // A name that could not be kept is kept the next time.
  if (!isKnown && !state.writer.isFull)
    state.writer.enqueue({ type: 'name-user', userId, nickname }, () => {});
}
