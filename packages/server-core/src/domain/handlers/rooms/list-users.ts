import { USERS_PER_PAGE_MAX, type UserEntry } from '@parley/protocol';
import { isOpenTo } from '../../accounts/standing.ts';
import type { Handler } from '../handler.ts';

/** Answers with a page of the members of a room. The cursor is the rank of the last member of the page before. */
// CHAT-LIST-1
export const handleListUsers: Handler<'list-users'> = ({ state, effects, session }, message) => {
  const { requestId, cursor } = message;
  const room = state.rooms.find(message.room);
  // A conversation of two is nobody else's business.
  if (room === undefined || (room.kind !== 'public' && !room.has(session))) {
    // CHAT-LIST-3
    effects.refuse(session, requestId, { code: 'room-not-found', message: 'there is no such room' });
    return;
  }
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

/** The rank in a cursor. */
export function parseRankCursor(cursor: string): number | undefined {
  return /^[1-9][0-9]{0,14}$/.test(cursor) ? Number(cursor) : undefined;
}
