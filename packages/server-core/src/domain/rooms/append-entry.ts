import type { ClientMessageId, EntryKind, MessageText } from '@parley/protocol';
import type { Refusal } from '../effect-list.ts';
import type { HandlerContext } from '../handlers/handler.ts';
import type { ServerState } from '../server-state.ts';
import type { Membership } from '../sessions/session.ts';
import type { WriteContinuation, WriteResult } from './log-writer.ts';
import type { Room } from './room.ts';

/** A server whose disk is in trouble is asked again after this time. */
const RETRY_AFTER_MS = 1_000;

/** What somebody adds to a room's log. */
export interface Addition {
  readonly requestId: number;
  readonly clientMessageId: ClientMessageId;
  readonly kind: EntryKind;
  readonly target: number;
  readonly text: MessageText | undefined;
}

/**
 * Has an entry written into the log of a room. When it is durable, its author gets `accepted` and the members get
 * `message`; when it could not be, its author gets `failed`, and nothing is in the log.
 */
// CHAT-SAY-1, CHAT-SAY-3, CHAT-LOG-3
export function appendEntry(
  context: HandlerContext,
  room: Room,
  author: Membership,
  addition: Addition,
): void {
  const { state, effects, session, now } = context;
  const { requestId, clientMessageId, kind, target, text } = addition;
  if (state.writer.isFull) {
    effects.refuse(session, requestId, notStored('the server cannot write as fast as it is asked to'));
    return;
  }
  const time = state.timeAt(now);
  writeEntry(state, room, { author, kind, target, text, clientMessageId, time }, (result, later) => {
    if (state.sessions.byConnection(session.connectionId) !== session) return;
    const refusal = refusalFor(result);
    if (refusal !== undefined) {
      later.refuse(session, requestId, refusal);
      return;
    }
    if (result.type !== 'appended' && result.type !== 'repeated') return;
    const { sequence, time: storedTime } = result;
    const { epoch } = room;
    later.send(session.connectionId, { type: 'accepted', requestId, epoch, sequence, time: storedTime });
  });
}

/** Has an entry written; when it is durable, and after `settle`, the members get `message`, until when the room is as before. */
// CHAT-SAY-1, CHAT-LOG-3
export function writeEntry(
  state: ServerState,
  room: Room,
  written: Omit<Addition, 'requestId'> & {
    readonly author: Pick<Membership, 'userId' | 'nickname'>;
    readonly time: number;
  },
  settle: WriteContinuation,
): void {
  const { author, kind, target, text, clientMessageId, time } = written;
  const { userId, nickname: from } = author;
  const entry = { roomKey: room.key, userId, from, kind, target, text, clientMessageId, time };
  state.writer.enqueue({ type: 'append', entry }, settle, (result, later) => {
    // CHAT-SAY-4
    if (result.type !== 'appended') return;
    const { sequence, time: storedTime } = result;
    room.lastSequence = sequence;
    if (kind === 'topic') room.topic = text ?? '';
    later.broadcast(room.recipients, {
      type: 'message',
      room: room.name,
      sequence,
      time: storedTime,
      from,
      kind,
      target,
      text,
    });
  });
}

/** What the author is told when the write did not happen. */
function refusalFor(result: WriteResult): Refusal | undefined {
  if (result.type === 'failed') return notStored(result.message);
  if (result.type !== 'refused') return undefined;
  switch (result.reason) {
    case 'room-not-found':
      return { code: 'room-not-found', message: 'there is no such room' };
    case 'message-not-found':
      return { code: 'message-not-found', message: 'the room keeps no such message' };
    case 'not-author':
      return { code: 'not-author', message: 'only who wrote a message can change it' };
  }
}

/** A refusal of something that may go well later. */
export function notStored(problem: string): Refusal {
  return { code: 'not-stored', message: problem, retryAfterMs: RETRY_AFTER_MS };
}
