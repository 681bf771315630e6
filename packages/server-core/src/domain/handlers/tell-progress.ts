import { type ClientMessageOf, type FailureCode, type FilePath, parseFilePath } from '@parley/protocol';
import { standingOf } from '../accounts/standing.ts';
import type { LineSubject } from '../progress-lines.ts';
import type { Room } from '../room.ts';
import type { Membership, Session } from '../session.ts';
import type { Handler, HandlerContext } from './handler.ts';

/** Tells a room how far a transfer of one of its members is. */
// CHAT-PROGRESS-2, CHAT-PROGRESS-4
export const handleTellProgress: Handler<'tell-progress'> = (context, message) => {
  const { session, effects } = context;
  const { membership } = session;
  // Who looks around without a nickname has no transfers.
  if (membership === undefined) return;
  const room = findAudience(context, message, membership);
  if (room === undefined) return;
  const subject =
    message.state === 'moving' ? takeWord(context, message, room) : endLine(session, message, room);
  if (subject === undefined) return;
  const { line, state, size, bytesPerSecond } = message;
  const figures = { state, size, bytes: Math.min(message.bytes, size), bytesPerSecond };
  const { nickname } = membership;
  // CHAT-PROGRESS-5
  effects.broadcast(room.presenceRecipients, {
    type: 'progress',
    room: room.name,
    nickname,
    line,
    ...subject,
    ...figures,
  });
};

/** The room, if the user may write there. */
function findAudience(
  context: HandlerContext,
  { line, room: name }: ClientMessageOf<'tell-progress'>,
  { userId }: Membership,
): Room | undefined {
  const { state, session, now } = context;
  const room = state.rooms.find(name);
  if (room?.admits(userId) !== true) {
    refuse(context, line, 'room-not-found', 'there is no such room');
    return undefined;
  }
  if (!room.has(session)) {
    refuse(context, line, 'not-in-room', `you are not in ${room.name}, join it first`);
    return undefined;
  }
  if (standingOf(state, userId, room, state.timeAt(now)) === 'muted') {
    refuse(context, line, 'muted', 'you may read here, and not write');
    return undefined;
  }
  return room;
}

/** What the line is about, if the room may be told of it now. */
// CHAT-PROGRESS-3
function takeWord(
  context: HandlerContext,
  { line, name }: ClientMessageOf<'tell-progress'>,
  room: Room,
): LineSubject | undefined {
  const { state, session, now } = context;
  const { sessionId } = session;
  const open = openTransferOf(session, name);
  if (open === undefined) return undefined;
  const subject = room.progress.find(sessionId, line) ?? open;
  const verdict = room.progress.take({ sessionId, line, subject }, state.limits, now);
  if (verdict === 'too-many') {
    const most = state.limits.progressLinesMax;
    refuse(context, line, 'limit-reached', `${room.name} is told of ${most} transfers already`);
  }
  return verdict === 'told' ? subject : undefined;
}

function endLine(
  { sessionId }: Session,
  { line }: ClientMessageOf<'tell-progress'>,
  { progress }: Room,
): LineSubject | undefined {
  const subject = progress.find(sessionId, line);
  progress.end(sessionId, line);
  return subject;
}

/** The transfer of that name, or of something in the folder of that name: nobody tells of what is not there. */
function openTransferOf({ transfers }: Session, typed: string): LineSubject | undefined {
  const name = parseFilePath(typed);
  if (!name.ok) return undefined;
  const path: FilePath = name.value;
  for (const transfer of transfers) {
    if (transfer.name !== path && !transfer.name.startsWith(`${path}/`)) continue;
    return { name: path, direction: transfer.opening.type === 'open-upload' ? 'upload' : 'download' };
  }
  return undefined;
}

function refuse(
  { effects, session }: HandlerContext,
  line: number,
  code: FailureCode,
  message: string,
): void {
  effects.send(session.connectionId, { type: 'progress-refused', line, code, message });
}
