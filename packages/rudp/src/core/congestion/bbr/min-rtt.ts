/** A minimum that was not seen again for this long may no longer be true (draft-ietf-ccwg-bbr: ProbeRTTInterval). */
const WINDOW_MS_MIN = 3000;
/** And never shorter than the two probing cycles that may be needed to find out whose the queue is. */
const WINDOW_ROUNDS = 40;
/** Even a flow that finds itself alone may be wrong: it looks after this many windows. */
const WINDOWS_MAX = 5;
/** A minimum up to this much above the last verified one is believed without PROBE_RTT: routes and clocks drift a little. */
const DRIFT_GAIN = 1.05;

/**
 * The round-trip time of the empty path: the smallest sample of one to two windows.
 *
 * A flow that has the path to itself drains its own queue in every probing cycle, sees the minimum again and again, and needs no
 * PROBE_RTT. When others may have kept the queue filled, or when a window's minimum lies more than 5 % above the last
 * verified value, the value is stale until PROBE_RTT has verified a new one.
 */
export class MinRtt {
  #valueMs = Number.POSITIVE_INFINITY;
  #verifiedMs = Number.POSITIVE_INFINITY;
  #windowMsMin = Number.POSITIVE_INFINITY;
  #windowEndsAtMs = 0;
  #windows = 0;
  #isStale = false;
  #isOwnQueue = false;

  get isKnown(): boolean {
    return this.#valueMs !== Number.POSITIVE_INFINITY;
  }

  get valueMs(): number {
    return this.#valueMs;
  }

  /** Whether PROBE_RTT has to find the value anew. */
  get isStale(): boolean {
    return this.#isStale;
  }

  /** Takes one RTT sample. */
  update(now: number, rttMs: number): void {
    if (!this.isKnown) this.replace(now, rttMs);
    // Flows on one path see the queue drain together: from here on their windows end together.
    if (rttMs < this.#verifiedMs) this.replace(now, rttMs);
    this.#valueMs = Math.min(this.#valueMs, rttMs);
    this.#windowMsMin = Math.min(this.#windowMsMin, rttMs);
    if (now >= this.#windowEndsAtMs) this.#endWindow(now);
  }

  /** The queue was found to be our own: nobody else can have hidden the minimum. */
  confirm(): void {
    this.#isOwnQueue = true;
  }

  /** Starts anew from what PROBE_RTT has seen. */
  replace(now: number, rttMs: number): void {
    this.#valueMs = rttMs;
    this.#verifiedMs = rttMs;
    this.#windows = 0;
    this.#startWindow(now);
  }

  #endWindow(now: number): void {
    this.#windows += 1;
    const isDoubtful = !this.#isOwnQueue || this.#windows >= WINDOWS_MAX;
    if (isDoubtful || this.#windowMsMin > this.#verifiedMs * DRIFT_GAIN) {
      this.#isStale = true;
      return;
    }
    this.#valueMs = this.#windowMsMin;
    this.#startWindow(now);
  }

  #startWindow(now: number): void {
    this.#isStale = false;
    this.#isOwnQueue = false;
    this.#windowMsMin = Number.POSITIVE_INFINITY;
    this.#windowEndsAtMs = now + Math.max(WINDOW_MS_MIN, WINDOW_ROUNDS * this.#valueMs);
  }
}
