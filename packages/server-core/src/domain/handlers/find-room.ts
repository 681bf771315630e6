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

/** The public room that somebody means, whether they are in it or not; otherwise the request is refused. */
export function findPublicRoom(
  { state, effects, session }: HandlerContext,
  message: { readonly requestId: number; readonly room: string },
): Room | undefined {
  const room = state.rooms.find(message.room);
  if (room?.kind === 'public') return room;
  const problem = 'there is no such room, and a conversation of two has no roles';
  effects.refuse(session, message.requestId, { code: 'room-not-found', message: problem });
  return undefined;
}

/** A public room, or the whole server where none is named; otherwise the request is refused. */
export function findPlace(
  context: HandlerContext,
  { requestId, room: name }: { readonly requestId: number; readonly room: string | undefined },
): { readonly room: Room | undefined } | undefined {
  if (name === undefined) return { room: undefined };
  const room = findPublicRoom(context, { requestId, room: name });
  return room === undefined ? undefined : { room };
}
