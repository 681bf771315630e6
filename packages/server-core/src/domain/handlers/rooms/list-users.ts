import { type ClientMessageOf, USERS_PER_PAGE_MAX, type UserEntry } from '@parley/protocol';
import { isOpenTo } from '../../accounts/standing.ts';
import type { Room } from '../../rooms/room.ts';
import type { Handler, HandlerContext } from '../handler.ts';
import { findOwnRoom } from './find-room.ts';

/** Answers with a page of the members of a room. The cursor is the rank of the last member of the page before. */
// CHAT-LIST-1
export const handleListUsers: Handler<'list-users'> = (context, message) => {
  const { state, effects, session } = context;
  const { requestId, cursor } = message;
  const room = listedRoom(context, message);
  if (room === undefined) return;
  // CHAT-ENTRY-1
  if (room.kind === 'public' && !isOpenTo(state, session.membership?.userId, room)) {
    const problem = `${room.name} is for those who were invited`;
    effects.refuse(session, requestId, { code: 'room-invite-only', message: problem });
    return;
  }
  const afterRank = cursor === undefined ? 0 : parseRankCursor(cursor);
  if (afterRank === undefined) {
    // CHAT-LIST-3
    effects.refuse(session, requestId, {
      code: 'cursor-invalid',
      message: 'expected a cursor of this server',
    });
    return;
  }
  const limit = message.limit === 0 ? USERS_PER_PAGE_MAX : Math.min(message.limit, USERS_PER_PAGE_MAX);
  const page = room.page(afterRank, limit);
  const users = page.members.map(
    ({ membership, joinedAt }): UserEntry => ({ nickname: membership.nickname, joinedAt }),
  );
  room.presence.noteListed();
  const nextCursor = page.nextAfterRank?.toString();
  effects.send(session.connectionId, { type: 'users', requestId, room: room.name, users, nextCursor });
};

/** A public room, which whoever is not in it may look at too, or a conversation of its two users; otherwise the request is refused. */
// CHAT-LIST-3, CHAT-ROOM-3
function listedRoom(context: HandlerContext, message: ClientMessageOf<'list-users'>): Room | undefined {
  const { state, effects, session } = context;
  const room = state.rooms.find(message.room);
  if (room?.kind === 'public') return room;
  if (session.membership !== undefined) return findOwnRoom(context, message, session.membership);
  const { requestId } = message;
  effects.refuse(session, requestId, { code: 'room-not-found', message: 'there is no such room' });
  return undefined;
}

/** The rank in a cursor. */
export function parseRankCursor(cursor: string): number | undefined {
  return /^[1-9][0-9]{0,14}$/.test(cursor) ? Number(cursor) : undefined;
}
