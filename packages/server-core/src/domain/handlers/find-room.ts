import type { Room } from '../room.ts';
import type { Membership } from '../session.ts';
import type { HandlerContext } from './handler.ts';

/** The room that a member means, if it may know of it; otherwise the request is refused. */
// CHAT-ROOM-3
export function findRoom(
  { state, effects, session }: HandlerContext,
  message: { readonly requestId: number; readonly room: string },
  member: Membership,
): Room | undefined {
  const room = state.rooms.find(message.room);
  if (room?.admits(member.userId)) return room;
  effects.refuse(session, message.requestId, { code: 'room-not-found', message: 'there is no such room' });
  return undefined;
}

/** The same, and the member has to be in it. */
export function findOwnRoom(
  context: HandlerContext,
  message: { readonly requestId: number; readonly room: string },
  member: Membership,
): Room | undefined {
  const room = findRoom(context, message, member);
  if (room === undefined || room.has(context.session)) return room;
  const problem = `you are not in ${room.name}, join it first`;
  context.effects.refuse(context.session, message.requestId, { code: 'not-in-room', message: problem });
  return undefined;
}
