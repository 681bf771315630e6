import { PING_AFTER_MS, SILENCE_MS_MAX } from '../limits.ts';

/** What the clock asks for: a ping, or to give the server up. */
export type LivenessVerdict =
  | { readonly type: 'ping'; readonly nonce: number }
  | { readonly type: 'silent'; readonly silentMs: number };

/**
 * Tells whether the server is still there: whatever arrives is a sign of life, silence leads to a ping, more
 * silence to the end. Also measures the round trip of its pings.
 */
export class Liveness {
  #heardAt = 0;
  #pingedAt: number | undefined;
  #nonce = 0;
  #roundTripMs: number | undefined;

  /** Round trip of the latest answered ping, through both ends' event loops. */
  get roundTripMs(): number | undefined {
    return this.#roundTripMs;
  }

  /** When `handleDeadline` wants to be called. */
  get deadline(): number {
    return this.#heardAt + (this.#pingedAt === undefined ? PING_AFTER_MS : SILENCE_MS_MAX);
  }

  /** Something arrived. */
  handleSignOfLife(now: number): void {
    this.#heardAt = now;
    this.#pingedAt = undefined;
  }

  /** The answer to a ping arrived; call it before `handleSignOfLife`. */
  handlePong(nonce: number, now: number): void {
    if (nonce === this.#nonce && this.#pingedAt !== undefined) this.#roundTripMs = now - this.#pingedAt;
  }

  handleDeadline(now: number): LivenessVerdict | undefined {
    const silentMs = now - this.#heardAt;
    if (silentMs >= SILENCE_MS_MAX) return { type: 'silent', silentMs };
    if (silentMs < PING_AFTER_MS || this.#pingedAt !== undefined) return undefined;
    this.#pingedAt = now;
    this.#nonce = (this.#nonce + 1) >>> 0;
    return { type: 'ping', nonce: this.#nonce };
  }
}
