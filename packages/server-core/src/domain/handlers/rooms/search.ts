import { HITS_PER_PAGE_MAX, nicknameKey, parseNickname } from '@parley/protocol';
import { banOf, isOpenTo } from '../../accounts/standing.ts';
import type { Room } from '../../rooms/room.ts';
import { parseSearchQuery } from '../../rooms/search-query.ts';
import type { Membership } from '../../sessions/session.ts';
import type { HandlerContext, MemberHandler } from '../handler.ts';
import { hasPlaceForRequest } from '../pending-request.ts';

/** Has the logs searched that the user may read; the answer follows when the store has given it. */
// CHAT-SEARCH-1, CHAT-SEARCH-3
export const handleSearch: MemberHandler<'search'> = (context, message, member) => {
  const { effects, session } = context;
  const { requestId, cursor } = message;
  const parsed = parseSearchQuery(message.query);
  if (!parsed.ok) {
    effects.refuse(session, requestId, { code: 'query-invalid', message: parsed.problem });
    return;
  }
  const offset = cursor === undefined ? 0 : parseOffset(cursor);
  if (offset === undefined) {
    effects.refuse(session, requestId, {
      code: 'cursor-invalid',
      message: 'expected a cursor of this server',
    });
    return;
  }
  const { room, ...filters } = parsed.value;
  const rooms = room === undefined ? [...session.rooms] : roomNamed(context, room, member);
  if (rooms.length === 0) {
    effects.refuse(session, requestId, { code: 'room-not-found', message: 'there is no such room' });
    return;
  }
  if (!hasPlaceForRequest(context, requestId)) return;
  const limit = message.limit === 0 ? HITS_PER_PAGE_MAX : Math.min(message.limit, HITS_PER_PAGE_MAX);
  const roomKeys = rooms.map(({ key }) => key);
  const query = { ...filters, roomKeys, offset, limit: limit + 1 };
  effects.add({ type: 'search', connectionId: session.connectionId, requestId, query });
};

/** The room of that name, or the conversation with `@` and a nickname. */
function roomNamed({ state, session, now }: HandlerContext, name: string, { userId }: Membership): Room[] {
  const found = state.rooms.find(name);
  if (found?.admits(userId)) {
    // CHAT-ENTRY-1, CHAT-MODERATE-4
    const isReadable = isOpenTo(state, userId, found) && banOf(state, session, found, now) === undefined;
    return found.kind === 'direct' || isReadable ? [found] : [];
  }
  const peer = parseNickname(name.replace(/^@/, ''));
  const room =
    name.startsWith('@') && peer.ok ? state.rooms.directWith(userId, nicknameKey(peer.value)) : undefined;
  return room === undefined ? [] : [room];
}

function parseOffset(cursor: string): number | undefined {
  return /^[1-9][0-9]{0,8}$/.test(cursor) ? Number(cursor) : undefined;
}
