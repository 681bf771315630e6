import { parseMessageText } from '@parley/protocol';
import type { MemberHandler } from './handler.ts';

/** Puts a message into the log of the room and sends it to everybody there. */
// CHAT-SAY-1, CHAT-SAY-3
export const handleSay: MemberHandler<'say'> = ({ state, effects, session, now }, message, member) => {
  const { requestId, clientMessageId } = message;
  const room = state.rooms.find(message.room);
  if (room === undefined || room !== member.room) {
    effects.refuse(session, requestId, {
      code: 'room-not-found',
      message: `there is no such room here, only ${member.room.name}`,
    });
    return;
  }
  const text = parseMessageText(message.text);
  if (!text.ok) {
    effects.refuse(session, requestId, { code: 'text-invalid', message: text.problem });
    return;
  }
  // CHAT-SAY-4
  const known = room.log.find(member.key, clientMessageId);
  const entry =
    known ?? room.log.append(member, { text: text.value, clientMessageId, time: state.timeAt(now) });
  const { epoch, sequence, time } = entry;
  effects.send(session.connectionId, { type: 'accepted', requestId, epoch, sequence, time });
  if (known === undefined) effects.broadcast(room.recipients, entry);
};
