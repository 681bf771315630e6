import type { Occupancy } from './loss-meter.ts';
import type { MinRtt } from './min-rtt.ts';

/** A smallest RTT this far above the path's minimum shows a queue: a quarter, and what a busy machine may need. */
const queueGain = 1.25;
const queueMsMin = 3;
/** A smallest RTT this close to the path's minimum has seen the path empty; half the jitter comes on top. */
const emptyMsMax = 0.7;
/** Where that is a large part of the round trip, it is a queue. */
const emptyRttPart = 1 / 32;
/** This far above it, a queue has stood; what lies between the two may be a busy machine. */
const occupiedMsMin = 1;
/** A queue this long stands out. */
const risenMsMin = 1.5;
const jitterWeight = 1 / 16;
/** Samples tell jitter when they are at most this part of a round trip apart. */
const jitterSpacing = 8;
/** Part by which the rate falls for a queue of one round trip, and the most by which it falls. */
const trimSlope = 0.4;
const trimMax = 0.2;

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
    return this.#latestMs > this.#minRtt.valueMs + risenMsMin + this.#jitterMs;
  }

  /** Whether the period has seen the path without any queue: then none can have overflowed for long. */
  get occupancy(): Occupancy {
    if (this.#periodMsMin === Number.POSITIVE_INFINITY) return 'unknown';
    const excessMs = this.#excessMs(this.#periodMsMin);
    if (excessMs <= emptyMsMax) return 'empty';
    return excessMs > occupiedMsMin ? 'occupied' : 'unknown';
  }

  /** The last period has seen the path without any queue, and round trips are long enough to tell. */
  get wasEmpty(): boolean {
    if (this.#lastPeriodMsMin === undefined) return false;
    return this.#excessMs(this.#lastPeriodMsMin) <= Math.min(emptyMsMax, emptyRttPart * this.#minRtt.valueMs);
  }

  /** Part by which to send less while a queue stands: what estimates get wrong must not add up. */
  // RUDP-CC-14
  get trim(): number {
    if (!this.#minRtt.isKnown || this.#lastPeriodMsMin === undefined) return 0;
    const queueMs = this.#lastPeriodMsMin - this.#minRtt.valueMs - queueMsMin;
    return Math.min(trimMax, trimSlope * Math.max(0, queueMs / this.#minRtt.valueMs));
  }

  /** Takes one RTT sample. */
  update(now: number, rttMs: number): void {
    // Between samples that lie far apart the queue itself changes: that is not jitter.
    if (now - this.#latestAtMs <= this.#minRtt.valueMs / jitterSpacing) {
      this.#jitterMs += (Math.abs(rttMs - this.#latestMs) - this.#jitterMs) * jitterWeight;
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
    return rttMsMin > this.#minRtt.valueMs * queueGain + queueMsMin;
  }
}
