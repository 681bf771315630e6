import { ENTRIES_PER_PAGE_MAX } from '@parley/protocol';
import type { MemberHandler } from '../handler.ts';
import { hasPlaceForRequest } from '../pending-request.ts';
import { findOwnRoom } from './find-room.ts';

/** Has part of a log read; the answer follows when the store has given it. */
// CHAT-HISTORY-1, CHAT-HISTORY-2
export const handleReadHistory: MemberHandler<'read-history'> = (context, message, member) => {
  const { effects, session } = context;
  const { requestId, direction } = message;
  const room = findOwnRoom(context, message, member);
  if (room === undefined || !hasPlaceForRequest(context, requestId)) return;
  const limit = message.limit === 0 ? ENTRIES_PER_PAGE_MAX : Math.min(message.limit, ENTRIES_PER_PAGE_MAX);
  // A place in a log that is no more says nothing about this one: it is read from its beginning.
  const isOtherLog = message.epoch !== room.epoch && message.epoch !== 0;
  const sequence = isOtherLog && direction === 'after' ? 0 : message.sequence;
  const query = { roomKey: room.key, direction, sequence, limit };
  effects.add({ type: 'read-history', connectionId: session.connectionId, requestId, query });
};
