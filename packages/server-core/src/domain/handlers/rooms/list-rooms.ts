import { ROOMS_PER_PAGE_MAX } from '@parley/protocol';
import type { Handler } from '../handler.ts';
import { parseRankCursor } from './list-users.ts';

/** Answers with a page of the public rooms. The cursor is the rank of the last room of the page before. */
// CHAT-LIST-5
export const handleListRooms: Handler<'list-rooms'> = ({ state, effects, session }, message) => {
  const { requestId, cursor } = message;
  const afterRank = cursor === undefined ? 0 : parseRankCursor(cursor);
  if (afterRank === undefined) {
    // CHAT-LIST-3
    const problem = 'expected a cursor of this server';
    effects.refuse(session, requestId, { code: 'cursor-invalid', message: problem });
    return;
  }
  const limit = message.limit === 0 ? ROOMS_PER_PAGE_MAX : Math.min(message.limit, ROOMS_PER_PAGE_MAX);
  const page = state.rooms.page(afterRank, limit);
  const rooms = page.rooms.map(({ name: room, topic, memberCount: members, lastSequence: sequence }) => ({
    room,
    topic,
    members,
    sequence,
  }));
  const nextCursor = page.nextAfterRank?.toString();
  effects.send(session.connectionId, { type: 'rooms', requestId, rooms, nextCursor });
};
