import type { Allowance } from './limits.ts';

/**
 * Counts an allowance: full at first, refilled by time. It keeps one number, the time at which it will be full again
 * (the generic cell rate algorithm of ATM), so that nothing is lost to rounding.
 */
export class TokenBucket {
  readonly #burst: number;
  readonly #intervalMs: number;
  #fullAt: number;

  constructor(allowance: Allowance, now: number) {
    this.#burst = allowance.burst;
    this.#intervalMs = 1_000 / allowance.perSecond;
    this.#fullAt = now;
  }

  /** Takes one token and returns 0; or, when there is none, takes nothing and returns in how many milliseconds there is. */
  take(now: number): number {
    const fullAt = Math.max(this.#fullAt, now) + this.#intervalMs;
    const waitMs = fullAt - now - this.#burst * this.#intervalMs;
    if (waitMs > 0) return Math.ceil(waitMs);
    this.#fullAt = fullAt;
    return 0;
  }

  /** Whether nothing is taken: then a new bucket is the same as this one. */
  isFull(now: number): boolean {
    return this.#fullAt <= now;
  }
}
