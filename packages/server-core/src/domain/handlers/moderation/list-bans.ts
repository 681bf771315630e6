import { BANS_PER_PAGE_MAX, type BanEntry } from '@parley/protocol';
import { isOver } from '../../accounts/expiry.ts';
import { mayDo } from '../../accounts/standing.ts';
import type { MemberHandler } from '../handler.ts';
import { findPlace } from '../rooms/find-room.ts';
import { parseRankCursor } from '../rooms/list-users.ts';

/** Answers with a page of bans. The cursor is the number of the last ban of the page before. */
// CHAT-MODERATE-6, CHAT-LIST-6
export const handleListBans: MemberHandler<'list-bans'> = (context, message, member) => {
  const { state, effects, session, now } = context;
  const { requestId, cursor } = message;
  const place = findPlace(context, message);
  if (place === undefined || !mayDo(context, requestId, member, 'list-bans', place.room)) return;
  const { room } = place;
  const after = cursor === undefined ? 0 : parseRankCursor(cursor);
  if (after === undefined) {
    const problem = 'expected a cursor of this server';
    effects.refuse(session, requestId, { code: 'cursor-invalid', message: problem });
    return;
  }
  const limit = message.limit === 0 ? BANS_PER_PAGE_MAX : Math.min(message.limit, BANS_PER_PAGE_MAX);
  const time = state.timeAt(now);
  const all = state.accounts.bans.at(room?.key).filter((ban) => ban.banId > after && !isOver(ban, time));
  // What a ban hits beyond its target is not told: addresses are nobody's business.
  const bans = all.slice(0, limit).map(({ banId, target, by, reason, time: at, until }): BanEntry => {
    return { banId, target, by, reason, time: at, until };
  });
  const nextCursor = all.length > limit ? `${bans.at(-1)?.banId}` : undefined;
  effects.send(session.connectionId, { type: 'bans', requestId, room: room?.name, bans, nextCursor });
};
