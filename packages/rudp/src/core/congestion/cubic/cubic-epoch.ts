/** RFC 9438 §4.1: how aggressively the curve grows, in segments per second³. */
const SCALE = 0.4;
/** RFC 9438 §4.6: what a loss leaves of the window. */
export const MULTIPLICATIVE_DECREASE = 0.7;
/** RFC 9438 §4.3: with it a flow of this decrease is on average as fast as one that halves its window and adds 1 per round trip. */
const RENO_INCREASE = (3 * (1 - MULTIPLICATIVE_DECREASE)) / (1 + MULTIPLICATIVE_DECREASE);
/** RFC 9438 §4.2: growth in one round trip ends at this multiple of the window. */
const GROWTH_MAX = 1.5;

/** Where a period of congestion avoidance begins. */
export interface CubicEpochStart {
  readonly startMs: number;
  readonly windowBytes: number;
  /** Where the curve is flat: the window at the last loss (W_max), or less after fast convergence. */
  readonly plateauBytes: number;
  /** The window just before the last reduction (cwnd_prior). */
  readonly priorWindowBytes: number;
  readonly maxDatagramBytes: number;
}

/**
 * One period of congestion avoidance: from the end of a recovery, or of a slow start, to the next loss (RFC 9438 §4.1 to 4.5).
 *
 * The curve counts in segments of the size that was in use at its beginning: a packet size that changes bends the next one.
 */
export class CubicEpoch {
  #startMs: number;
  readonly #plateauBytes: number;
  readonly #priorWindowBytes: number;
  readonly #segmentBytes: number;
  /** Seconds from the start to the plateau (K). */
  readonly #plateauSeconds: number;
  /** What a Reno flow would have (W_est). */
  #renoWindowBytes: number;

  constructor(start: CubicEpochStart) {
    this.#startMs = start.startMs;
    this.#plateauBytes = start.plateauBytes;
    this.#priorWindowBytes = start.priorWindowBytes;
    this.#segmentBytes = start.maxDatagramBytes;
    this.#renoWindowBytes = start.windowBytes;
    const segmentsMissing = (start.plateauBytes - start.windowBytes) / start.maxDatagramBytes;
    this.#plateauSeconds = Math.cbrt(segmentsMissing / SCALE);
  }

  /** The curve at a time, in bytes. */
  // RUDP-CUBIC-2
  curveAt(now: number): number {
    const seconds = (now - this.#startMs) / 1000 - this.#plateauSeconds;
    return this.#plateauBytes + this.#segmentBytes * SCALE * seconds ** 3;
  }

  /** The window after an acknowledgement. */
  // RUDP-CUBIC-2, RUDP-CUBIC-3
  grow(windowBytes: number, ack: { now: number; smoothedRttMs: number; ackedBytes: number }): number {
    const part = ack.ackedBytes / windowBytes;
    const increase = this.#renoWindowBytes >= this.#priorWindowBytes ? 1 : RENO_INCREASE;
    this.#renoWindowBytes += increase * this.#segmentBytes * part;
    if (this.curveAt(ack.now) < this.#renoWindowBytes) return Math.max(windowBytes, this.#renoWindowBytes);
    const ahead = this.curveAt(ack.now + ack.smoothedRttMs);
    const target = Math.min(Math.max(ahead, windowBytes), GROWTH_MAX * windowBytes);
    return windowBytes + (target - windowBytes) * Math.min(part, 1);
  }

  /** Takes time out of the epoch: nothing was learned about the path meanwhile (RFC 9438 §5.8). */
  // RUDP-CUBIC-5
  leaveOut(durationMs: number): void {
    this.#startMs += durationMs;
  }
}
