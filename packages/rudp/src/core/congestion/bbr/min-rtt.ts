/** A minimum that was not seen again for this long may no longer be true (draft-ietf-ccwg-bbr: MinRTTFilterLen). */
const confirmationMsMax = 10_000;
/** A sample this close to the minimum confirms it: timers and radio make an exact repetition rare. */
const confirmationGain = 1.05;

/**
 * The round-trip time of the empty path.
 *
 * A flow that drains its own queue once per probing cycle sees the minimum again and again; each such sample confirms it, and
 * PROBE_RTT is needed only when others keep the queue filled or when the path has changed.
 */
export class MinRtt {
  #valueMs = Number.POSITIVE_INFINITY;
  #confirmedAtMs = 0;

  get isKnown(): boolean {
    return this.#valueMs !== Number.POSITIVE_INFINITY;
  }

  get valueMs(): number {
    return this.#valueMs;
  }

  update(now: number, rttMs: number): void {
    if (rttMs < this.#valueMs) this.#valueMs = rttMs;
    if (rttMs <= this.#valueMs * confirmationGain) this.#confirmedAtMs = now;
  }

  isStale(now: number): boolean {
    return this.isKnown && now - this.#confirmedAtMs > confirmationMsMax;
  }

  /** Starts anew from what PROBE_RTT has seen. */
  replace(now: number, rttMs: number): void {
    this.#valueMs = rttMs;
    this.#confirmedAtMs = now;
  }
}
