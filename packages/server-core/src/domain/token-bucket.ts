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
    const waitMs = this.waitMs(now);
    if (waitMs > 0) return waitMs;
    this.#fullAt = Math.max(this.#fullAt, now) + this.#intervalMs;
    return 0;
  }

  /** In how many whole milliseconds there is a token; 0 when there is one. */
  waitMs(now: number): number {
    const fullAt = Math.max(this.#fullAt, now) + this.#intervalMs;
    return Math.max(0, Math.ceil(fullAt - now - this.#burst * this.#intervalMs));
  }

  /** Undoes one `take`. */
  giveBack(): void {
    this.#fullAt -= this.#intervalMs;
  }

  /** Whether nothing is taken: then a new bucket is the same as this one. */
  isFull(now: number): boolean {
    return this.#fullAt <= now;
  }
}
