import { EXPLANATION_BYTES_MAX, type GoodbyeCode, type LeaveCause } from '@parley/protocol';
import type { EffectList } from '../effect-list.ts';
import type { ServerState } from '../server-state.ts';
import { toShownText } from '../shown-text.ts';
import { setFileWatching } from '../transfers/file-watching.ts';
import type { Session } from './session.ts';

/** How a session ends. */
export interface SessionEnd {
  readonly cause: LeaveCause;
  /** Shown to the others; may be empty. */
  readonly reason: string;
  /** What exactly happened, for the log; the reason or the last words unless given. */
  readonly detail?: string;
  /** The server's last words; `undefined` when the connection is gone already. */
  readonly goodbye:
    | { readonly code: GoodbyeCode; readonly message: string; readonly reconnectAfterMs?: number | undefined }
    | undefined;
  /** Whether the others are told; not when all leave at once. */
  readonly isAnnounced?: boolean;
}

/** Ends a session: last words, transfers, nickname, rooms, the others' notice. The one place where a session is freed. */
// CHAT-GOODBYE-1, CHAT-LEFT-1, CHAT-TRANSFER-7
export function endSession(
  state: ServerState,
  effects: EffectList,
  session: Session,
  end: SessionEnd,
  now: number,
): void {
  const { connectionId, membership } = session;
  const { cause, reason, goodbye } = end;
  const detail = end.detail ?? toShownText(goodbye?.message ?? reason, EXPLANATION_BYTES_MAX);
  state.sessions.close(session);
  setFileWatching(state, effects, session, false);
  if (goodbye !== undefined) {
    const { code, reconnectAfterMs } = goodbye;
    const message = toShownText(goodbye.message, EXPLANATION_BYTES_MAX);
    effects.send(connectionId, { type: 'goodbye', code, message, reconnectAfterMs });
    effects.add({ type: 'close', connectionId });
  }
  for (const transfer of session.transfers) {
    transfer.session = undefined;
    if (transfer.state === 'queued') state.transfers.end(transfer);
    else effects.add({ type: 'cancel-transfer', transferId: transfer.transferId, isKept: true });
  }
  session.transfers.clear();
  if (membership !== undefined) {
    const { nickname } = membership;
    const departure = { cause, reason, time: state.timeAt(now) };
    for (const room of session.rooms) {
      room.leave(session, end.isAnnounced === false ? undefined : departure);
      if (end.isAnnounced !== false) state.rooms.schedulePresence(room, now);
    }
    session.rooms.clear();
    // Another device of the user may be here still.
    if (state.sessions.sessionsOf(membership.userId).length === 0)
      effects.note({ name: 'user-left', connectionId, nickname, cause, reason, detail });
  }
  effects.note({
    name: 'session-ended',
    connectionId,
    code: goodbye?.code,
    detail,
    durationMs: Math.round(now - session.openedAt),
  });
}

/** Ends a session whose client broke the rules of the protocol. */
// CHAT-FRAME-6
export function endForViolation(
  state: ServerState,
  effects: EffectList,
  session: Session,
  problem: string,
  now: number,
): void {
  state.counters.protocolViolations += 1;
  const goodbye = { code: 'protocol-violation', message: problem } as const;
  endSession(state, effects, session, { cause: 'disconnected', reason: 'protocol error', goodbye }, now);
}
