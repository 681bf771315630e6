import { LEAVE_REASON_BYTES_MAX } from '@parley/protocol';
import { mayEnter } from '../../accounts/standing.ts';
import { enterRoom, leaveRoom } from '../../rooms/room-membership.ts';
import type { Membership } from '../../sessions/session.ts';
import { toShownText } from '../../shown-text.ts';
import type { HandlerContext, MemberHandler } from '../handler.ts';
import { findOwnRoom, findRoom } from './find-room.ts';

/** Takes a user into a room. Joining a room that one is in is answered as if it were new. */
// CHAT-ENTER-1, CHAT-ENTER-2
export const handleJoinRoom: MemberHandler<'join-room'> = (context, message, member) => {
  const { state, effects, session, now } = context;
  const { requestId } = message;
  const room = findRoom(context, message, member);
  if (room === undefined) return;
  if (!room.has(session) && !mayEnter(context, requestId, member, room)) return;
  if (!room.has(session) && room.kind === 'public' && !hasPlaceForRoom(context, requestId)) return;
  enterRoom(state, effects, session, room, now);
  effects.send(session.connectionId, { type: 'done', requestId });
  readMarkers(context, member, [room.key]);
};

/** Takes a user out of a room, and tells the others why. */
// CHAT-ENTER-3, CHAT-LEAVE-1
export const handleLeaveRoom: MemberHandler<'leave-room'> = (context, message, member) => {
  const { state, effects, session, now } = context;
  const room = findOwnRoom(context, message, member);
  if (room === undefined) return;
  const reason = toShownText(message.reason, LEAVE_REASON_BYTES_MAX);
  leaveRoom(state, session, room, now, { cause: 'left', reason });
  effects.send(session.connectionId, { type: 'done', requestId: message.requestId });
};

/** Whether a user may be in one more room; refuses the request otherwise. */
export function hasPlaceForRoom({ state, effects, session }: HandlerContext, requestId: number): boolean {
  const { roomsPerUserMax } = state.limits;
  if (session.publicRoomCount < roomsPerUserMax) return true;
  const message = `you are in ${roomsPerUserMax} rooms, leave one first`;
  effects.refuse(session, requestId, { code: 'room-limit', message });
  return false;
}

/** Has the user told up to where it has read. */
// CHAT-READ-1
export function readMarkers(
  { effects, session }: HandlerContext,
  { userId }: Membership,
  roomKeys: readonly string[],
): void {
  effects.add({ type: 'read-markers', connectionId: session.connectionId, userId, roomKeys });
}
