import { nicknameKey, parseNickname } from '@parley/protocol';
import type { NewRoom, UserId } from '../../../history/history-store.ts';
import { isHere } from '../../accounts/account-work.ts';
import type { EffectList } from '../../effect-list.ts';
import { notStored } from '../../rooms/append-entry.ts';
import { makeRoom } from '../../rooms/make-room.ts';
import type { Room } from '../../rooms/room.ts';
import { enterRoom } from '../../rooms/room-membership.ts';
import type { Membership } from '../../sessions/session.ts';
import { directRoomName } from '../../sessions/user-identity.ts';
import type { HandlerContext, MemberHandler } from '../handler.ts';

/** Opens the conversation with somebody who is here or has an account, or one that there was before. */
// CHAT-DIRECT-1, CHAT-DIRECT-2
export const handleOpenDirect: MemberHandler<'open-direct'> = (context, message, member) => {
  const { state, effects, session, now } = context;
  const { requestId } = message;
  const name = parseNickname(message.nickname);
  if (!name.ok) {
    const problem = `nobody with such a nickname is here: ${name.problem}`;
    effects.refuse(session, requestId, { code: 'user-not-found', message: problem });
    return;
  }
  const key = nicknameKey(name.value);
  // Who has an account may be told something while away.
  const peer = state.sessions.userNamed(key) ?? state.accounts.accountNamed(key);
  const known =
    peer === undefined
      ? state.rooms.directWith(member.userId, key)
      : state.rooms.find(directRoomName(member.userId, peer.userId, state.options.hash));
  if (known !== undefined) {
    enter(context, effects, known, [member.userId, peer?.userId], now);
    effects.send(session.connectionId, { type: 'done', requestId });
  } else if (peer === undefined) {
    effects.refuse(session, requestId, { code: 'user-not-found', message: `${name.value} is not here` });
  } else {
    create(context, requestId, member, peer);
  }
};

function create(
  context: HandlerContext,
  requestId: number,
  member: Membership,
  other: Pick<Membership, 'userId' | 'nickname'>,
): void {
  const { state, effects, session, now } = context;
  const { limits, rooms } = state;
  const isFull = [member, other].some(
    ({ userId }) => rooms.directCountOf(userId) >= limits.directRoomsPerUserMax,
  );
  if (isFull || rooms.directCount >= limits.directRoomsMax) {
    const message = 'there are as many conversations of two as there may be';
    effects.refuse(session, requestId, { code: 'room-limit', message });
    return;
  }
  const name = directRoomName(member.userId, other.userId, state.options.hash);
  const users = [member, other].map(({ userId, nickname }) => ({ userId, nickname }));
  const epoch = state.options.epoch;
  const room: NewRoom = {
    name,
    key: name,
    kind: 'direct',
    users,
    topic: '',
    epoch,
    createdAt: state.timeAt(now),
  };
  makeRoom(state, room, (outcome, later, at) => {
    if (outcome.type === 'failed') {
      if (isHere(context)) later.refuse(session, requestId, notStored(outcome.problem));
      return;
    }
    enter(context, later, outcome.room, [member.userId, other.userId], at);
    if (isHere(context)) later.send(session.connectionId, { type: 'done', requestId });
  });
}

/** Both are in it from now on, on all of their devices; who asked is told where the log stands in any case. */
function enter(
  { state, session }: HandlerContext,
  effects: EffectList,
  room: Room,
  userIds: readonly (UserId | undefined)[],
  now: number,
): void {
  for (const userId of new Set(userIds)) {
    if (userId === undefined) continue;
    for (const device of state.sessions.sessionsOf(userId)) {
      if (device !== session && room.has(device)) continue;
      enterRoom(state, effects, device, room, now);
      // CHAT-READ-1
      effects.add({
        type: 'read-markers',
        connectionId: device.connectionId,
        userId,
        roomKeys: [room.key],
      });
    }
  }
}
