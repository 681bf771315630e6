/** Least that remains of the bandwidth after one congested period (draft-ietf-ccwg-bbr: Beta). */
const REDUCTION_MIN = 0.7;
/** Part of what was delivered that is sent after congestion until the next probe: the rest drains the queue. */
const YIELD_GAIN = 0.9;
/** Rounds for which that lasts at least: as many as lie between two probes of a long path. */
const YIELD_ROUNDS = 16;
/** Part by which the first probe after an overflow goes past the bound; it doubles with each probe that overflows nothing. */
const PROBE_GROWTH_MIN = 1 / 16;

/** Part of the bytes in flight at which a queue overflowed that a drain goes down to. */
const DRAIN_HEADROOM = 0.95;

/** Time of sending that may be caught up with at once: on a busy machine programs often stand for so long. */
const CATCH_UP_MS_MAX = 25;
/** So much any queue is trusted with. */
const CATCH_UP_MS_MIN = 4;
/** Growth with every round while no queue has overflowed, and with every probe after one has. */
const CATCH_UP_GROWTH = 1.25;
const CATCH_UP_REGROWTH = 1.5;

/**
 * What congestion has taught: an upper bound of the bandwidth, which lasts until the next probe, and the bytes in flight at which
 * a probe overflowed the queue, which is released step by step.
 */
export class CongestionBounds {
  #bandwidth = Number.POSITIVE_INFINITY;
  #inflightBytes = Number.POSITIVE_INFINITY;
  /** What was delivered when it yielded last, and for how many rounds it has. */
  #deliveredBandwidth = 0;
  #roundsYielded = 0;
  /** The largest loss that it has yielded to since nothing bounded it. */
  #blamedLossRatio = 0;
  #probeGrowth = PROBE_GROWTH_MIN;
  #catchUpMs = CATCH_UP_MS_MIN;
  #hasOverflowed = false;
  #undo: { readonly bandwidth: number; readonly inflightBytes: number } | undefined;

  /** Bytes per second; Infinity while nothing bounds it. */
  get bandwidth(): number {
    return this.#bandwidth;
  }

  get isBandwidthBound(): boolean {
    return this.#bandwidth !== Number.POSITIVE_INFINITY;
  }

  /** Bytes in flight; Infinity while nothing bounds it. */
  get inflightBytes(): number {
    return this.#inflightBytes;
  }

  /** Bytes in flight at which the queue is empty again after an overflow. */
  get drainedBytes(): number {
    return DRAIN_HEADROOM * this.#inflightBytes;
  }

  /** Milliseconds of sending that a sender which wakes up late may catch up with. */
  // RUDP-PACE-2
  get catchUpMs(): number {
    return this.#catchUpMs;
  }

  startRound(): void {
    this.#roundsYielded += 1;
    if (!this.#hasOverflowed) this.#catchUpMs = Math.min(CATCH_UP_GROWTH * this.#catchUpMs, CATCH_UP_MS_MAX);
  }

  /** The loss, 0 to 1, that the bandwidth is bounded for; Infinity where something else has shown congestion. */
  get blamedLossRatio(): number {
    return this.#blamedLossRatio;
  }

  /**
   * A period without a probe was congested: a little less than it delivered, and never less than 0.7 of `bandwidth`. `lossRatio` is
   * the loss that says so, if it is one.
   */
  // RUDP-CC-12
  yieldBandwidth(deliveredBandwidth: number, bandwidth: number, lossRatio = Number.POSITIVE_INFINITY): void {
    this.#remember();
    this.#blamedLossRatio = Math.max(lossRatio, this.isBandwidthBound ? this.#blamedLossRatio : 0);
    this.#bandwidth = Math.max(YIELD_GAIN * deliveredBandwidth, REDUCTION_MIN * bandwidth);
    this.#deliveredBandwidth = deliveredBandwidth;
    this.#roundsYielded = 0;
  }

  /** The queue that yielding was to drain is gone: what was delivered may be sent again. False when it is too early, or nothing to give back. */
  // RUDP-CC-12
  relaxBandwidth(): boolean {
    if (this.#roundsYielded < YIELD_ROUNDS || this.#bandwidth >= this.#deliveredBandwidth) return false;
    this.#bandwidth = this.#deliveredBandwidth;
    return true;
  }

  /** A probe overflowed the queue at about this much in flight. */
  // RUDP-CC-11
  boundInflight(bytes: number): void {
    this.#remember();
    this.#inflightBytes = bytes;
    this.#probeGrowth = PROBE_GROWTH_MIN;
  }

  /** A probe of a path begins that `pipeBytes` fill. Each goes further past the bound, until nothing is left of it. */
  // RUDP-CC-11
  relaxInflight(pipeBytes: number, inflightBytesMax: number): void {
    this.#catchUpMs = Math.min(this.#catchUpMs * CATCH_UP_REGROWTH, CATCH_UP_MS_MAX);
    this.#inflightBytes = Math.max(this.#inflightBytes, pipeBytes) * (1 + this.#probeGrowth);
    this.#probeGrowth *= 2;
    if (this.#inflightBytes > inflightBytesMax) this.#inflightBytes = Number.POSITIVE_INFINITY;
  }

  /** Forgets everything: the path may be another one. */
  reset(): void {
    this.#bandwidth = Number.POSITIVE_INFINITY;
    this.#inflightBytes = Number.POSITIVE_INFINITY;
    this.#undo = undefined;
  }

  releaseBandwidth(): void {
    this.#bandwidth = Number.POSITIVE_INFINITY;
  }

  /** The loss behind the last bound was none. */
  // RUDP-CC-15
  undo(): void {
    if (this.#undo === undefined) return;
    this.#bandwidth = Math.max(this.#bandwidth, this.#undo.bandwidth);
    this.#inflightBytes = Math.max(this.#inflightBytes, this.#undo.inflightBytes);
    this.#undo = undefined;
  }

  #remember(): void {
    this.#hasOverflowed = true;
    this.#catchUpMs = Math.max(this.#catchUpMs / 2, CATCH_UP_MS_MIN);
    this.#undo = { bandwidth: this.#bandwidth, inflightBytes: this.#inflightBytes };
  }
}
