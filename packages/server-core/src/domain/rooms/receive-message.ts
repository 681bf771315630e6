import type { ClientMessage } from '@parley/protocol';
import type { EffectList } from '../effect-list.ts';
import { dispatch } from '../handlers/client-message-handlers.ts';
import { RECONNECT_AFTER_MS } from '../limits.ts';
import type { ServerState } from '../server-state.ts';
import type { Session } from '../sessions/session.ts';
import { endForViolation, endSession } from '../sessions/session-end.ts';
import { reactionTo } from '../sessions/session-state.ts';
import type { TokenBucket } from '../token-bucket.ts';

const REFUSALS = {
  'not-registered': 'register a nickname first',
  'already-registered': 'this connection has its nickname already',
} as const;

/** Decides what becomes of a message: carried out, refused, or the end of the connection. */
export function receiveMessage(
  state: ServerState,
  effects: EffectList,
  session: Session,
  message: ClientMessage,
  now: number,
): void {
  state.counters.messagesReceived += 1;
  noteSignOfLife(state, session, now);
  const reaction = reactionTo(message.type, session.state);
  if (reaction === 'violation') {
    endForViolation(state, effects, session, `${message.type} must not come while ${session.state}`, now);
    return;
  }
  if (!isWithinAllowance(state, effects, session, message, now)) return;
  if (reaction === 'handle') {
    dispatch({ state, effects, session, now }, message);
    return;
  }
  if ('requestId' in message) {
    effects.refuse(session, message.requestId, { code: reaction, message: REFUSALS[reaction] });
  }
}

// CHAT-PING-2
function noteSignOfLife(state: ServerState, session: Session, now: number): void {
  const wasPinged = session.isPinged;
  session.lastHeardAt = now;
  // An answered ping brings the next one nearer; otherwise the deadline only moves away and the queue may lag behind.
  if (wasPinged) state.sessions.reschedule(session);
}

// CHAT-FLOOD-1
function isWithinAllowance(
  state: ServerState,
  effects: EffectList,
  session: Session,
  message: ClientMessage,
  now: number,
): boolean {
  if (message.type === 'leave') return true;
  if ('requestId' in message) session.lastRequestAt = now;
  const retryAfterMs = allowanceFor(session, message).take(now);
  if (retryAfterMs === 0) return true;
  state.counters.messagesAboveAllowance += 1;
  if (!session.isFloodNoted) {
    session.isFloodNoted = true;
    effects.note({ name: 'session-flooding', connectionId: session.connectionId });
  }
  // CHAT-FLOOD-2
  if (session.refusals.take(now) > 0) {
    const reconnectAfterMs = RECONNECT_AFTER_MS.flooding;
    const goodbye = { code: 'flooding', message: 'too much in too short a time', reconnectAfterMs } as const;
    endSession(state, effects, session, { cause: 'disconnected', reason: 'flooding', goodbye }, now);
    return false;
  }
  if ('requestId' in message) {
    const problem = `too much in too short a time, go on in ${retryAfterMs} ms`;
    effects.refuse(session, message.requestId, { code: 'rate-limited', message: problem, retryAfterMs });
  }
  return false;
}

/** What is said, what is read of the past, and everything else have allowances of their own. */
function allowanceFor(session: Session, { type }: ClientMessage): TokenBucket {
  switch (type) {
    case 'say':
    case 'edit':
    case 'delete':
      return session.messages;
    case 'read-history':
    case 'search':
      return session.history;
    default:
      return session.requests;
  }
}
