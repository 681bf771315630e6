import { isHere } from '../../accounts/account-work.ts';
import { notStored } from '../../rooms/append-entry.ts';
import type { MemberHandler } from '../handler.ts';
import { findOwnRoom } from './find-room.ts';

/** Remembers up to where a user has read. It only moves forward. */
// CHAT-READ-1
export const handleMarkRead: MemberHandler<'mark-read'> = (context, message, member) => {
  const { state, effects, session } = context;
  const { requestId } = message;
  const room = findOwnRoom(context, message, member);
  if (room === undefined) return;
  if (state.writer.isFull) {
    effects.refuse(session, requestId, notStored('the server cannot write as fast as it is asked to'));
    return;
  }
  const sequence = Math.min(message.sequence, room.lastSequence);
  const { userId } = member;
  state.writer.enqueue({ type: 'mark-read', roomKey: room.key, userId, sequence }, (result, later) => {
    const isTold = isHere(context);
    if (isTold && result.type === 'failed') later.refuse(session, requestId, notStored(result.message));
    else if (isTold) later.send(session.connectionId, { type: 'done', requestId });
    if (result.type !== 'marked') return;
    // CHAT-DEVICE-3
    for (const device of state.sessions.sessionsOf(userId)) {
      if (device === session || !room.has(device)) continue;
      later.send(device.connectionId, { type: 'read-marker', room: room.name, sequence: result.sequence });
    }
  });
};
