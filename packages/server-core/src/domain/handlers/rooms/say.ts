import { parseMessageText } from '@parley/protocol';
import { hasWaited } from '../../accounts/slow-mode.ts';
import { mayDo } from '../../accounts/standing.ts';
import { appendEntry } from '../../rooms/append-entry.ts';
import type { MemberHandler } from '../handler.ts';
import { findOwnRoom } from './find-room.ts';

/** Puts a message into the log of a room and, when it is durable, sends it to everybody there. */
// CHAT-SAY-1, CHAT-SAY-3
export const handleSay: MemberHandler<'say'> = (context, message, member) => {
  const { requestId, clientMessageId } = message;
  const room = findOwnRoom(context, message, member);
  if (room === undefined || !mayDo(context, requestId, member, 'say', room)) return;
  const text = parseMessageText(message.text);
  if (!text.ok) {
    context.effects.refuse(context.session, requestId, { code: 'text-invalid', message: text.problem });
    return;
  }
  if (!hasWaited(context, requestId, member, room)) return;
  appendEntry(context, room, member, {
    requestId,
    clientMessageId,
    kind: 'text',
    target: 0,
    text: text.value,
  });
};
