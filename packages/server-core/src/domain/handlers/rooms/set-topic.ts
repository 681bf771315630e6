import { type MessageText, parseTopic } from '@parley/protocol';
import { hasWaited } from '../../accounts/slow-mode.ts';
import { mayDo } from '../../accounts/standing.ts';
import { appendEntry } from '../../rooms/append-entry.ts';
import type { MemberHandler } from '../handler.ts';
import { findOwnRoom } from './find-room.ts';

/** Gives a room another topic, as an entry of its log. */
// CHAT-TOPIC-1
export const handleSetTopic: MemberHandler<'set-topic'> = (context, message, member) => {
  const { effects, session } = context;
  const { requestId, clientMessageId } = message;
  const room = findOwnRoom(context, message, member);
  if (room === undefined || !mayDo(context, requestId, member, 'set-topic', room)) return;
  const topic = parseTopic(message.topic);
  if (!topic.ok || room.kind === 'direct') {
    const problem = topic.ok ? 'a conversation of two has no topic' : topic.problem;
    effects.refuse(session, requestId, { code: 'topic-invalid', message: problem });
    return;
  }
  if (!hasWaited(context, requestId, member, room)) return;
  // What a topic may be, a text may be too, unless it is empty.
  const text = topic.value === '' ? undefined : (topic.value as string as MessageText);
  appendEntry(context, room, member, { requestId, clientMessageId, kind: 'topic', target: 0, text });
};
