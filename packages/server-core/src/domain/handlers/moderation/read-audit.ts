import { AUDIT_ENTRIES_PER_PAGE_MAX, type AuditEntry } from '@parley/protocol';
import { isHere, readAudit } from '../../accounts/account-work.ts';
import { mayDo } from '../../accounts/standing.ts';
import type { MemberHandler } from '../handler.ts';
import { hasPlaceForRequest } from '../pending-request.ts';
import { findPlace } from '../rooms/find-room.ts';
import { parseRankCursor } from '../rooms/list-users.ts';

/** Tells what those in charge have decided, the newest first. The cursor is the number of the last one of the page before. */
// CHAT-AUDIT-1
export const handleReadAudit: MemberHandler<'read-audit'> = (context, message, member) => {
  const { effects, session } = context;
  const { requestId, cursor } = message;
  const place = findPlace(context, message);
  if (place === undefined || !mayDo(context, requestId, member, 'read-audit', place.room)) return;
  const before = cursor === undefined ? undefined : parseRankCursor(cursor);
  if (cursor !== undefined && before === undefined) {
    const problem = 'expected a cursor of this server';
    effects.refuse(session, requestId, { code: 'cursor-invalid', message: problem });
    return;
  }
  if (!hasPlaceForRequest(context, requestId)) return;
  const limit =
    message.limit === 0 ? AUDIT_ENTRIES_PER_PAGE_MAX : Math.min(message.limit, AUDIT_ENTRIES_PER_PAGE_MAX);
  // One more than asked for shows whether there is more.
  readAudit(context, { roomKey: place.room?.key, before, limit: limit + 1 }, (later, outcome) => {
    session.pendingRequests -= 1;
    if (!isHere(later)) return;
    if (!outcome.ok) {
      later.effects.refuse(session, requestId, { code: 'internal-error', message: outcome.message });
      return;
    }
    const shown = outcome.value.slice(0, limit);
    const entries = shown.map(({ time, by, action, room, target, detail }): AuditEntry => {
      return { time, by, action, room, target, detail };
    });
    const nextCursor = outcome.value.length > limit ? `${shown.at(-1)?.sequence}` : undefined;
    later.effects.send(session.connectionId, { type: 'audit', requestId, entries, nextCursor });
  });
};
