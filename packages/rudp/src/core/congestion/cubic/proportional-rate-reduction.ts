/** One event of a recovery. */
export interface RecoveryProgress {
  /** Bytes newly acknowledged; 0 when a timer has found losses. */
  readonly deliveredBytes: number;
  readonly bytesInFlight: number;
  /** The acknowledgement brought no further loss. */
  readonly isSafe: boolean;
  readonly maxDatagramBytes: number;
}

/**
 * How much leaves during a recovery (RFC 9937 §6): in proportion to what arrives, so that the bytes in flight are down to the
 * threshold when a round trip is over; where losses have taken them below it, as much as arrives, and a little more while all
 * goes well.
 */
export class ProportionalRateReduction {
  readonly #flightBytes: number;
  readonly #thresholdBytes: number;
  #deliveredBytes = 0;
  #sentBytes = 0;

  /** `flightBytes` is in flight when recovery begins, with what has just been acknowledged or lost (RecoverFS). */
  constructor(start: { readonly flightBytes: number; readonly thresholdBytes: number }) {
    this.#flightBytes = start.flightBytes;
    this.#thresholdBytes = start.thresholdBytes;
  }

  onSent(bytes: number): void {
    this.#sentBytes += bytes;
  }

  /** The window after an event, in bytes. */
  // RUDP-CUBIC-7
  windowAfter(progress: RecoveryProgress): number {
    this.#deliveredBytes += progress.deliveredBytes;
    const isAbove = progress.bytesInFlight > this.#thresholdBytes;
    const bytes = isAbove ? this.#proportional(progress) : this.#conserving(progress);
    // The repeat that recovery begins with always leaves.
    const least = this.#sentBytes === 0 ? progress.maxDatagramBytes : 0;
    return progress.bytesInFlight + Math.max(bytes, least);
  }

  /** Whole packets, rounded up. */
  #proportional({ maxDatagramBytes }: RecoveryProgress): number {
    const bytes = (this.#deliveredBytes * this.#thresholdBytes) / this.#flightBytes;
    return Math.ceil(bytes / maxDatagramBytes) * maxDatagramBytes - this.#sentBytes;
  }

  #conserving({ deliveredBytes, bytesInFlight, isSafe, maxDatagramBytes }: RecoveryProgress): number {
    const arrived = Math.max(this.#deliveredBytes - this.#sentBytes, deliveredBytes);
    const bytes = isSafe ? arrived + maxDatagramBytes : arrived;
    return Math.min(bytes, this.#thresholdBytes - bytesInFlight);
  }
}
