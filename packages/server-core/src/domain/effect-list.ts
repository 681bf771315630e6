import { EXPLANATION_BYTES_MAX, type FailureCode, type ServerMessage } from '@parley/protocol';
import type { Effect, ServerNote } from './effects.ts';
import type { ConnectionId } from './events.ts';
import type { Session } from './sessions/session.ts';
import { toShownText } from './shown-text.ts';
import type { Counters } from './statistics.ts';

/** A refusal as a handler words it. */
export interface Refusal {
  readonly code: FailureCode;
  readonly message: string;
  readonly retryAfterMs?: number | undefined;
}

/** The effects of one event, in order. */
export class EffectList {
  readonly all: Effect[] = [];
  readonly #counters: Counters;

  constructor(counters: Counters) {
    this.#counters = counters;
  }

  send(connectionId: ConnectionId, message: ServerMessage): void {
    this.#counters.messagesSent += 1;
    this.all.push({ type: 'send', connectionId, message });
  }

  broadcast(connectionIds: readonly ConnectionId[], message: ServerMessage): void {
    if (connectionIds.length === 0) return;
    this.#counters.messagesSent += connectionIds.length;
    this.all.push({ type: 'broadcast', connectionIds, message });
  }

  /** Answers a request with `failed`. */
  // CHAT-FAILED-1
  refuse(session: Session, requestId: number, refusal: Refusal): void {
    this.#counters.requestsRefused += 1;
    this.send(session.connectionId, {
      type: 'failed',
      requestId,
      code: refusal.code,
      message: toShownText(refusal.message, EXPLANATION_BYTES_MAX),
      retryAfterMs: refusal.retryAfterMs,
    });
  }

  note(note: ServerNote): void {
    this.all.push({ type: 'note', note });
  }

  add(effect: Effect): void {
    this.all.push(effect);
  }
}
