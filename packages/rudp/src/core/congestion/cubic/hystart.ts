/** RFC 9406 §4.3. */
const RTT_THRESHOLD_MS_MIN = 4;
const RTT_THRESHOLD_MS_MAX = 16;
const RTT_DIVISOR_MIN = 8;
const SAMPLES_MIN = 8;
const CONSERVATIVE_GROWTH_DIVISOR = 4;
const CONSERVATIVE_ROUNDS_MAX = 5;

/** What an ACK frame tells about the queue. */
export interface HyStartSample {
  readonly largestAckedPacketNumber: number;
  readonly nextPacketNumber: number;
  readonly latestRttMs: number | undefined;
}

/**
 * HyStart++ (RFC 9406): ends the first slow start when round trips grow longer, before the queue overflows. The suspicion is
 * checked by some rounds of slower growth: when round trips shorten again it was jitter.
 */
export class HyStart {
  #roundEndPacketNumber = 0;
  #lastRoundMinMs = Number.POSITIVE_INFINITY;
  #roundMinMs = Number.POSITIVE_INFINITY;
  #samples = 0;
  /** Smallest RTT when the suspicion began; undefined without one. */
  #baselineMs: number | undefined;
  #conservativeRounds = 0;

  /** Slow start goes on, at a quarter of its growth. */
  get isConservative(): boolean {
    return this.#baselineMs !== undefined;
  }

  /** The queue is real: slow start is over. */
  get isOver(): boolean {
    return this.#conservativeRounds >= CONSERVATIVE_ROUNDS_MAX;
  }

  /** By how much the window grows for these bytes. There is no limit to a burst, since the packets are paced. */
  growthFor(ackedBytes: number): number {
    return this.isConservative ? ackedBytes / CONSERVATIVE_GROWTH_DIVISOR : ackedBytes;
  }

  /** Processes an ACK frame of the first slow start. */
  // RUDP-CUBIC-6
  update(sample: HyStartSample): void {
    if (sample.largestAckedPacketNumber >= this.#roundEndPacketNumber) this.#startRound(sample);
    if (sample.latestRttMs === undefined) return;
    this.#roundMinMs = Math.min(this.#roundMinMs, sample.latestRttMs);
    this.#samples += 1;
    if (this.#samples < SAMPLES_MIN) return;
    if (this.#baselineMs === undefined) this.#suspectQueue();
    else if (this.#roundMinMs < this.#baselineMs) this.#baselineMs = undefined;
  }

  #startRound(sample: HyStartSample): void {
    this.#roundEndPacketNumber = sample.nextPacketNumber;
    this.#lastRoundMinMs = this.#roundMinMs;
    this.#roundMinMs = Number.POSITIVE_INFINITY;
    this.#samples = 0;
    if (this.isConservative) this.#conservativeRounds += 1;
  }

  #suspectQueue(): void {
    const risen = this.#lastRoundMinMs / RTT_DIVISOR_MIN;
    const thresholdMs = Math.max(RTT_THRESHOLD_MS_MIN, Math.min(risen, RTT_THRESHOLD_MS_MAX));
    if (this.#roundMinMs < this.#lastRoundMinMs + thresholdMs) return;
    this.#baselineMs = this.#roundMinMs;
    this.#conservativeRounds = 0;
  }
}
