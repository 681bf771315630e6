import { nicknameKey, parseMessageText, parseNickname } from '@parley/protocol';
import type { MemberHandler } from './handler.ts';

/** Sends a message to one user, and its copy to the sender. */
// CHAT-DIRECT-1
export const handleDirect: MemberHandler<'direct'> = ({ state, effects, session, now }, message, sender) => {
  const { requestId, clientMessageId } = message;
  const text = parseMessageText(message.text);
  if (!text.ok) {
    effects.refuse(session, requestId, { code: 'text-invalid', message: text.problem });
    return;
  }
  const name = parseNickname(message.nickname);
  const target = name.ok ? state.sessions.byNickname(nicknameKey(name.value)) : undefined;
  if (target?.membership === undefined) {
    // CHAT-DIRECT-2
    const who = name.ok ? name.value : 'nobody with such a nickname';
    effects.refuse(session, requestId, {
      code: 'user-not-found',
      message: name.ok ? `${who} is not here` : `${who} is here: ${name.problem}`,
    });
    return;
  }
  const time = state.timeAt(now);
  effects.send(session.connectionId, { type: 'accepted', requestId, epoch: 0, sequence: 0, time });
  const recipients =
    target === session ? [session.connectionId] : [target.connectionId, session.connectionId];
  effects.broadcast(recipients, {
    type: 'direct-message',
    time,
    from: sender.nickname,
    to: target.membership.nickname,
    text: text.value,
    clientMessageId,
  });
};
