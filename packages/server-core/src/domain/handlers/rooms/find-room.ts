import type { Refusal } from '../../effect-list.ts';
import type { Room } from '../../rooms/room.ts';
import type { Membership } from '../../sessions/session.ts';
import type { HandlerContext } from '../handler.ts';

/** A room, or why somebody does not get it. */
type RoomOrRefusal =
  | { readonly room: Room; readonly refusal?: undefined }
  | { readonly room?: undefined; readonly refusal: Refusal };

/** The room that a member means, if it may know of it; otherwise the request is refused. */
// CHAT-ROOM-3
export function findRoom(
  context: HandlerContext,
  message: { readonly requestId: number; readonly room: string },
  member: Membership,
): Room | undefined {
  return roomOrRefuse(context, message.requestId, lookForRoom(context, message.room, member));
}

/** The same, and the member has to be in it. */
export function findOwnRoom(
  context: HandlerContext,
  message: { readonly requestId: number; readonly room: string },
  member: Membership,
): Room | undefined {
  return roomOrRefuse(context, message.requestId, lookForOwnRoom(context, message.room, member));
}

/** The same for what is no request: nothing is refused yet. */
export function lookForOwnRoom(context: HandlerContext, name: string, member: Membership): RoomOrRefusal {
  const found = lookForRoom(context, name, member);
  if (found.room === undefined || found.room.has(context.session)) return found;
  const message = `you are not in ${found.room.name}, join it first`;
  return { refusal: { code: 'not-in-room', message } };
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

function lookForRoom({ state }: HandlerContext, name: string, { userId }: Membership): RoomOrRefusal {
  const room = state.rooms.find(name);
  if (room?.admits(userId)) return { room };
  return { refusal: { code: 'room-not-found', message: 'there is no such room' } };
}

function roomOrRefuse(
  { effects, session }: HandlerContext,
  requestId: number,
  { room, refusal }: RoomOrRefusal,
): Room | undefined {
  if (refusal !== undefined) effects.refuse(session, requestId, refusal);
  return room;
}
