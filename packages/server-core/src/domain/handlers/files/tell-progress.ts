import { type ClientMessageOf, type FilePath, parseFilePath } from '@parley/protocol';
import { troubleIn } from '../../accounts/standing.ts';
import type { Refusal } from '../../effect-list.ts';
import type { Room } from '../../rooms/room.ts';
import type { Membership, Session } from '../../sessions/session.ts';
import type { LineSubject } from '../../transfers/progress-lines.ts';
import type { Handler, HandlerContext } from '../handler.ts';
import { lookForOwnRoom } from '../rooms/find-room.ts';

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
    message.state === 'moving'
      ? takeWord(context, message, room)
      : room.progress.end(session.sessionId, message.line);
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
  member: Membership,
): Room | undefined {
  const { room, refusal } = lookForOwnRoom(context, name, member);
  const trouble = refusal ?? troubleIn(context, member, 'say', room);
  if (trouble !== undefined) refuse(context, line, trouble);
  return trouble === undefined ? room : undefined;
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
    const problem = `${room.name} is told of ${most} transfers already`;
    refuse(context, line, { code: 'limit-reached', message: problem });
  }
  return verdict === 'told' ? subject : undefined;
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

function refuse({ effects, session }: HandlerContext, line: number, { code, message }: Refusal): void {
  effects.send(session.connectionId, { type: 'progress-refused', line, code, message });
}
