/** A minimum that was not seen again for this long may no longer be true (draft-ietf-ccwg-bbr: ProbeRTTInterval). */
const windowMsMin = 5000;
/** And never shorter than the two probing cycles that may be needed to find out whose the queue is. */
const windowRounds = 40;
/** A smaller sample counts once another one has come this close to it: a clock that is read late makes single ones too small. */
const agreementPart = 0.01;
const agreementMs = 0.5;
/** A minimum up to this much above the last verified one is believed without PROBE_RTT: routes and clocks drift a little. */
const driftGain = 1.05;

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
  #candidateMs = Number.POSITIVE_INFINITY;
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
    const agreedMs = this.#agree(rttMs);
    // Flows on one path see the queue drain together: from here on their windows end together.
    if (agreedMs < this.#verifiedMs) this.replace(now, agreedMs);
    this.#valueMs = Math.min(this.#valueMs, agreedMs);
    this.#windowMsMin = Math.min(this.#windowMsMin, agreedMs);
    if (now >= this.#windowEndsAtMs) this.#endWindow(now);
  }

  /** The sample itself, unless it is the first one that is so small. */
  #agree(rttMs: number): number {
    if (rttMs >= this.#valueMs) return rttMs;
    const candidateMs = this.#candidateMs;
    this.#candidateMs = rttMs;
    const isAgreed = Math.abs(rttMs - candidateMs) <= agreementMs + agreementPart * rttMs;
    return isAgreed ? Math.max(rttMs, candidateMs) : Number.POSITIVE_INFINITY;
  }

  /** The queue was found to be our own: nobody else can have hidden the minimum. */
  confirm(): void {
    this.#isOwnQueue = true;
  }

  /** Starts anew from what PROBE_RTT has seen. */
  replace(now: number, rttMs: number): void {
    this.#valueMs = rttMs;
    this.#verifiedMs = rttMs;
    this.#startWindow(now);
  }

  #endWindow(now: number): void {
    if (!this.#isOwnQueue || this.#windowMsMin > this.#verifiedMs * driftGain) {
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
    this.#windowEndsAtMs = now + Math.max(windowMsMin, windowRounds * this.#valueMs);
  }
}
