import { RECONNECT_MS_MAX, RECONNECT_MS_MIN } from '../limits.ts';
import type { SessionEnd } from './session-end.ts';

/** When to come back: later with every vain try, and never all clients at once. */
// CHAT-GOODBYE-2
export class Reconnect {
  readonly #randomBytes: (count: number) => Uint8Array;
  readonly #attemptsMax: number;
  #attempts = 0;

  constructor(randomBytes: (count: number) => Uint8Array, attemptsMax = Number.POSITIVE_INFINITY) {
    this.#randomBytes = randomBytes;
    this.#attemptsMax = attemptsMax;
  }

  /** The client is back. */
  succeed(): void {
    this.#attempts = 0;
  }

  /** In how many milliseconds to try again; `undefined` when this end is meant to last, or there were too many vain tries. */
  delayAfter(end: SessionEnd): number | undefined {
    if (this.#attempts >= this.#attemptsMax) return undefined;
    const chance = ((this.#randomBytes(1)[0] ?? 0) + 1) / 256;
    switch (end.kind) {
      case 'goodbye':
        if (end.reconnectAfterMs === undefined) return undefined;
        return end.reconnectAfterMs * (1 + chance / 2) + this.#backoff(chance);
      case 'connect-failed':
      case 'hello-timed-out':
      case 'connection-lost':
      case 'server-silent':
        return this.#backoff(chance);
      default:
        return undefined;
    }
  }

  #backoff(chance: number): number {
    const ceiling = Math.min(RECONNECT_MS_MAX, RECONNECT_MS_MIN * 2 ** this.#attempts);
    this.#attempts += 1;
    return (ceiling * (1 + chance)) / 2;
  }
}
