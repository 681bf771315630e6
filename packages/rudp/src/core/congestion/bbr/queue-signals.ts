import type { Occupancy } from './loss-meter.ts';
import type { MinRtt } from './min-rtt.ts';

/** A smallest RTT this far above the path's minimum shows a queue: a quarter, and what a busy machine may need. */
const QUEUE_GAIN = 1.25;
const QUEUE_MS_MIN = 3;
/** A smallest RTT this close to the path's minimum has seen the path empty; half the jitter comes on top. */
const EMPTY_MS_MAX = 0.7;
/** Where that is a large part of the round trip, it is a queue. */
const EMPTY_RTT_PART = 1 / 32;
/** This far above it, a queue has stood; what lies between the two may be a busy machine. */
const OCCUPIED_MS_MIN = 1;
/** A queue this long stands out. */
const RISEN_MS_MIN = 1.5;
const JITTER_WEIGHT = 1 / 16;
/** Samples tell jitter when they are at most this part of a round trip apart. */
const JITTER_SPACING = 8;
/** Part by which the rate falls for a queue of one round trip, and the most by which it falls. */
const TRIM_SLOPE = 0.4;
const TRIM_MAX = 0.2;

/** What round-trip times say about the queue: over the current period, over the last round, and from sample to sample. */
export class QueueSignals {
  readonly #minRtt: MinRtt;
  #latestAtMs = 0;
  #latestMs = 0;
  #jitterMs = 0;
  #periodMsMin = Number.POSITIVE_INFINITY;
  #lastPeriodMsMin: number | undefined;

  constructor(minRtt: MinRtt) {
    this.#minRtt = minRtt;
  }

  /** A queue has stood for the whole period. */
  get isQueued(): boolean {
    return this.#periodMsMin !== Number.POSITIVE_INFINITY && this.#isQueuedAt(this.#periodMsMin);
  }

  /** The queue has grown to a length that stands out now: after a probe, by its doing. */
  get hasRisen(): boolean {
    return this.#latestMs > this.#minRtt.valueMs + RISEN_MS_MIN + this.#jitterMs;
  }

  /** Whether the period has seen the path without any queue: then none can have overflowed for long. */
  get occupancy(): Occupancy {
    if (this.#periodMsMin === Number.POSITIVE_INFINITY) return 'unknown';
    const excessMs = this.#excessMs(this.#periodMsMin);
    if (excessMs <= EMPTY_MS_MAX) return 'empty';
    return excessMs > OCCUPIED_MS_MIN ? 'occupied' : 'unknown';
  }

  /** The last period has seen the path without any queue, and round trips are long enough to tell. */
  get wasEmpty(): boolean {
    if (this.#lastPeriodMsMin === undefined) return false;
    return (
      this.#excessMs(this.#lastPeriodMsMin) <= Math.min(EMPTY_MS_MAX, EMPTY_RTT_PART * this.#minRtt.valueMs)
    );
  }

  /** Part by which to send less while a queue stands: what estimates get wrong must not add up. */
  // RUDP-CC-14
  get trim(): number {
    if (!this.#minRtt.isKnown || this.#lastPeriodMsMin === undefined) return 0;
    const queueMs = this.#lastPeriodMsMin - this.#minRtt.valueMs - QUEUE_MS_MIN;
    return Math.min(TRIM_MAX, TRIM_SLOPE * Math.max(0, queueMs / this.#minRtt.valueMs));
  }

  /** Takes one RTT sample. */
  update(now: number, rttMs: number): void {
    // Between samples that lie far apart the queue itself changes: that is not jitter.
    if (now - this.#latestAtMs <= this.#minRtt.valueMs / JITTER_SPACING) {
      this.#jitterMs += (Math.abs(rttMs - this.#latestMs) - this.#jitterMs) * JITTER_WEIGHT;
    }
    this.#latestAtMs = now;
    this.#latestMs = rttMs;
    this.#periodMsMin = Math.min(this.#periodMsMin, rttMs);
  }

  /** Ends a period that was long enough to be judged. */
  endPeriod(): void {
    if (this.#periodMsMin !== Number.POSITIVE_INFINITY) this.#lastPeriodMsMin = this.#periodMsMin;
  }

  startPeriod(): void {
    this.#periodMsMin = Number.POSITIVE_INFINITY;
  }

  #excessMs(rttMsMin: number): number {
    return rttMsMin - this.#minRtt.valueMs - this.#jitterMs / 2;
  }

  #isQueuedAt(rttMsMin: number): boolean {
    return rttMsMin > this.#minRtt.valueMs * QUEUE_GAIN + QUEUE_MS_MIN;
  }
}
