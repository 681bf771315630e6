import type { EffectList } from './effect-list.ts';
import { RECONNECT_AFTER_MS, RESEND_MS_MIN } from './limits.ts';
import type { ServerState } from './server-state.ts';
import type { Session } from './sessions/session.ts';
import { endSession } from './sessions/session-end.ts';
import { sendAway } from './sessions/slow-readers.ts';
import { SteadyTime } from './steady-time.ts';

/** When something is due next. */
export function nextDeadline(state: ServerState): number | undefined {
  const never = Number.POSITIVE_INFINITY;
  const { sessions, rooms, forgetAt = never } = state;
  const next = Math.min(sessions.nextDeadline ?? never, rooms.nextDeadline ?? never, forgetAt);
  return next === never ? undefined : next;
}

/** Has old messages forgotten, from time to time. */
// CHAT-HISTORY-4, CHAT-UPLOAD-9
export function forgetWhenDue(state: ServerState, now: number): void {
  const { limits, writer, rooms } = state;
  if (state.stopping !== undefined) {
    state.forgetAt = undefined;
    return;
  }
  const lifetimeMsMax = Math.max(limits.historyAgeMsMax ?? 0, RESEND_MS_MIN);
  state.steadyTime ??= new SteadyTime({ wall: state.timeAt(now), now }, lifetimeMsMax);
  if (state.forgetAt === undefined || now < state.forgetAt) {
    state.forgetAt ??= now + limits.forgetEveryMs;
    return;
  }
  state.forgetAt = now + limits.forgetEveryMs;
  // A disk that is stuck is not asked a second time.
  if (state.isForgetting) return;
  state.isForgetting = true;
  const retention = { ageMsMax: limits.historyAgeMsMax, entriesPerRoomMax: limits.historyMessagesMax };
  const time = state.steadyTime.look({ wall: state.timeAt(now), now })(lifetimeMsMax);
  writer.enqueue({ type: 'forget', retention, now: time }, (result) => {
    state.isForgetting = false;
    if (result.type !== 'forgotten') return;
    // The next part at once, and new messages between the parts.
    if (result.hasMore && state.forgetAt !== undefined) state.forgetAt = now;
    for (const { roomKey, firstSequence } of result.firsts) {
      const room = rooms.byKey(roomKey);
      if (room !== undefined) room.firstSequence = firstSequence;
    }
  });
}

/** Does what is due: pings, and ends sessions that were silent or idle for too long. */
export function handleDeadline(state: ServerState, effects: EffectList, now: number): void {
  for (let session = state.sessions.due(now); session !== undefined; session = state.sessions.due(now)) {
    // Hearing from a client moves its deadline without moving it in the queue: most deadlines come to nothing.
    if (session.deadlineBy(state.limits) <= now) act(state, effects, session, now);
    if (state.sessions.byConnection(session.connectionId) === session) state.sessions.reschedule(session);
  }
}

function act(state: ServerState, effects: EffectList, session: Session, now: number): void {
  const { limits } = state;
  if (session.state === 'greeting') {
    // CHAT-HELLO-4
    const message = `expected hello within ${seconds(limits.helloTimeoutMs)}`;
    const goodbye = { code: 'hello-timeout', message } as const;
    endSession(state, effects, session, { cause: 'timed-out', reason: 'no hello', goodbye }, now);
  } else if (session.pace === 'behind' && now >= session.behindSince + limits.behindMsMax) {
    // CHAT-SLOW-1
    const problem = `what waited was not read within ${seconds(limits.behindMsMax)}`;
    sendAway(state, effects, session, problem, now);
  } else if (session.isPinged && now >= session.pingedAt + limits.silenceMaxMs - limits.pingAfterMs) {
    // CHAT-PING-2
    const reason = `no sign of life for ${seconds(limits.silenceMaxMs)}`;
    const reconnectAfterMs = RECONNECT_AFTER_MS['peer-silent'];
    const goodbye = { code: 'peer-silent', message: reason, reconnectAfterMs } as const;
    endSession(state, effects, session, { cause: 'timed-out', reason, goodbye }, now);
  } else if (session.state === 'observing' && now >= session.lastRequestAt + limits.observerIdleMaxMs) {
    // CHAT-IDLE-1
    const reason = `no request for ${seconds(limits.observerIdleMaxMs)}`;
    const goodbye = { code: 'idle-timeout', message: `${reason}, and no nickname` } as const;
    endSession(state, effects, session, { cause: 'timed-out', reason, goodbye }, now);
  } else {
    // CHAT-PING-2
    session.pingedAt = now;
    effects.send(session.connectionId, { type: 'ping', nonce: Math.floor(now) % 0x1_0000_0000 });
  }
}

function seconds(milliseconds: number): string {
  return `${milliseconds / 1_000} s`;
}
