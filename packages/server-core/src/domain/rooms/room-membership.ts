import type { LeaveCause } from '@parley/protocol';
import type { EffectList } from '../effect-list.ts';
import { invariant } from '../errors.ts';
import type { ServerState } from '../server-state.ts';
import type { Session } from '../sessions/session.ts';
import type { Room } from './room.ts';

/** Puts a registered session into a room and tells it where the log stands; being there already is only told again. */
// CHAT-ENTER-1
export function enterRoom(
  state: ServerState,
  effects: EffectList,
  session: Session,
  room: Room,
  now: number,
): void {
  const { membership, connectionId } = session;
  invariant(membership !== undefined, 'who enters a room has a nickname');
  if (!room.has(session)) {
    room.join(session, state.timeAt(now));
    session.rooms.add(room);
    state.rooms.schedulePresence(room, now);
  }
  const {
    name,
    kind,
    topic,
    memberCount: members,
    epoch,
    firstSequence: first,
    lastSequence: sequence,
  } = room;
  room.presence.noteCounted(members);
  const peer = room.peerOf(membership.userId);
  effects.send(connectionId, {
    type: 'entered',
    room: name,
    kind,
    peer,
    topic,
    members,
    epoch,
    first,
    sequence,
  });
}

/** Takes a session out of a room. */
export function leaveRoom(
  state: ServerState,
  session: Session,
  room: Room,
  now: number,
  departure: { readonly cause: LeaveCause; readonly reason: string },
): void {
  session.rooms.delete(room);
  room.leave(session, { ...departure, time: state.timeAt(now) });
  state.rooms.schedulePresence(room, now);
}

/** Tells the members of rooms who came and went, for which it is time. */
// CHAT-PRESENCE-1
export function flushPresence(state: ServerState, effects: EffectList, now: number): void {
  for (let room = state.rooms.duePresence(now); room !== undefined; room = state.rooms.duePresence(now)) {
    const messages = room.presence.take(room.name, room.memberCount);
    if (messages.length > 0) room.presenceAt = now;
    for (const message of messages) effects.broadcast(room.presenceRecipients, message);
  }
}
