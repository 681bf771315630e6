import { parseMessageText } from '@parley/protocol';
import { mayDo } from '../../accounts/standing.ts';
import { appendEntry } from '../../rooms/append-entry.ts';
import type { MemberHandler } from '../handler.ts';
import { findOwnRoom } from './find-room.ts';

/** Gives an own message another text. */
// CHAT-EDIT-1
export const handleEdit: MemberHandler<'edit'> = (context, message, member) => {
  const { requestId, clientMessageId, sequence: target } = message;
  const room = findOwnRoom(context, message, member);
  if (room === undefined || !mayDo(context, requestId, member, 'edit', room)) return;
  const text = parseMessageText(message.text);
  if (!text.ok) {
    context.effects.refuse(context.session, requestId, { code: 'text-invalid', message: text.problem });
    return;
  }
  appendEntry(context, room, member, { requestId, clientMessageId, kind: 'edit', target, text: text.value });
};

/** Takes the text of an own message back. */
// CHAT-EDIT-1
export const handleDelete: MemberHandler<'delete'> = (context, message, member) => {
  const { requestId, clientMessageId, sequence: target } = message;
  const room = findOwnRoom(context, message, member);
  if (room === undefined || !mayDo(context, requestId, member, 'delete', room)) return;
  appendEntry(context, room, member, { requestId, clientMessageId, kind: 'delete', target, text: undefined });
};
