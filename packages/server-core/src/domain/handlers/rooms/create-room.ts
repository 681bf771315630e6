import { parseRoomName, parseTopic, roomNameKey } from '@parley/protocol';
import type { NewRoom } from '../../../history/history-store.ts';
import { isHere, writeAccounts } from '../../accounts/account-work.ts';
import type { Refusal } from '../../effect-list.ts';
import { notStored } from '../../rooms/append-entry.ts';
import { makeRoom } from '../../rooms/make-room.ts';
import type { Room } from '../../rooms/room.ts';
import { enterRoom } from '../../rooms/room-membership.ts';
import type { Membership } from '../../sessions/session.ts';
import type { HandlerContext, MemberHandler } from '../handler.ts';
import { hasPlaceForRoom } from './join-room.ts';

const EXISTS: Refusal = { code: 'room-exists', message: 'there is a room of this name, join it' };

/** Makes a room and takes its maker into it, when it is durable. */
// CHAT-ROOM-4
export const handleCreateRoom: MemberHandler<'create-room'> = (context, message, member) => {
  const { state, effects, session, now } = context;
  const { requestId } = message;
  const name = parseRoomName(message.room);
  const topic = parseTopic(message.topic);
  if (!name.ok || !topic.ok) {
    const refusal: Refusal = name.ok
      ? { code: 'topic-invalid', message: topic.ok ? '' : topic.problem }
      : { code: 'room-name-invalid', message: name.problem };
    effects.refuse(session, requestId, refusal);
    return;
  }
  if (state.rooms.find(name.value) !== undefined) {
    effects.refuse(session, requestId, EXISTS);
    return;
  }
  if (!mayCreate(context, requestId)) return;
  const room: NewRoom = {
    name: name.value,
    key: roomNameKey(name.value),
    kind: 'public',
    users: [],
    topic: topic.value,
    epoch: state.options.epoch,
    createdAt: state.timeAt(now),
  };
  makeRoom(state, room, (outcome, later, at) => {
    const then: HandlerContext = { state, session, effects: later, now: at };
    if (outcome.type === 'made') own(then, requestId, member, outcome.room);
    else if (isHere(then))
      later.refuse(session, requestId, outcome.type === 'failed' ? notStored(outcome.problem) : EXISTS);
  });
};

/** Makes somebody the owner of a new room, who may have gone meanwhile, and takes who is here into it. */
// CHAT-ROLE-1
function own(context: HandlerContext, requestId: number, { userId, nickname }: Membership, room: Room): void {
  const role = { roomKey: room.key, userId, nickname, role: 'owner' } as const;
  // A room without an owner is still a room: operators can give it one.
  writeAccounts(context, [{ type: 'put-role', role }], (later) => {
    const { state, effects, session, now } = later;
    if (!isHere(later)) return;
    enterRoom(state, effects, session, room, now);
    effects.send(session.connectionId, { type: 'done', requestId });
    effects.note({ name: 'room-created', connectionId: session.connectionId, room: room.name });
  });
}

function mayCreate(context: HandlerContext, requestId: number): boolean {
  const { state, effects, session, now } = context;
  if (!hasPlaceForRoom(context, requestId)) return false;
  if (state.writer.isFull) {
    effects.refuse(session, requestId, notStored('the server cannot write as fast as it is asked to'));
    return false;
  }
  if (state.rooms.publicCount >= state.limits.roomsMax) {
    effects.refuse(session, requestId, {
      code: 'room-limit',
      message: 'the server has as many rooms as it takes',
    });
    return false;
  }
  const retryAfterMs = session.newRooms.take(now);
  if (retryAfterMs === 0) return true;
  const message = `too many new rooms in too short a time, go on in ${retryAfterMs} ms`;
  effects.refuse(session, requestId, { code: 'rate-limited', message, retryAfterMs });
  return false;
}
