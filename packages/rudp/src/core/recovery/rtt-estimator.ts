/** RFC 9002 §6.2.2 (kInitialRtt): assumed before the first sample. */
const RTT_MS_INITIAL = 333;
/** RFC 9002 §6.1.2 (kGranularity). */
const GRANULARITY_MS = 1;

/**
 * Round-trip time of one path (RFC 9002 §5). All values are milliseconds, fractional.
 *
 * The minimum covers the life of the path, as RFC 9002 §5.2 has it: it only guards the ack-delay correction and the rate
 * samples. A controller that needs a minimum that can rise again (BBR) keeps its own window.
 */
export class RttEstimator {
  #smoothedMs = 0;
  #varianceMs = 0;
  #minMs = 0;
  #latestMs = 0;
  #hasSample = false;
  readonly #initialMs: number;

  constructor(initialMs: number = RTT_MS_INITIAL) {
    this.#initialMs = initialMs;
    this.restart();
  }

  /** Forgets every sample: the path is another one. */
  restart(): void {
    this.#hasSample = false;
    this.#minMs = Number.POSITIVE_INFINITY;
    this.#latestMs = 0;
    this.#smoothedMs = this.#initialMs;
    this.#varianceMs = this.#initialMs / 2;
  }

  get hasSample(): boolean {
    return this.#hasSample;
  }

  get smoothedMs(): number {
    return this.#smoothedMs;
  }

  get varianceMs(): number {
    return this.#varianceMs;
  }

  /** The smallest sample; the initial value before there is one. */
  get minMs(): number {
    return this.#hasSample ? this.#minMs : this.#initialMs;
  }

  /** The last sample; the initial value before there is one. */
  get latestMs(): number {
    return this.#hasSample ? this.#latestMs : this.#initialMs;
  }

  /**
   * Takes one sample: `latestMs` is the time since the largest newly acknowledged packet left, `ackDelayMs` what the peer says
   * that it waited, already capped by its max ack delay (RFC 9002 §5.3).
   */
  // RUDP-RTT-1
  update(latestMs: number, ackDelayMs: number): void {
    this.#latestMs = latestMs;
    this.#minMs = Math.min(this.#minMs, latestMs);
    if (!this.#hasSample) {
      this.#hasSample = true;
      this.#smoothedMs = latestMs;
      this.#varianceMs = latestMs / 2;
      return;
    }
    // RUDP-RTT-2
    const adjustedMs = latestMs - ackDelayMs >= this.#minMs ? latestMs - ackDelayMs : latestMs;
    this.#varianceMs = 0.75 * this.#varianceMs + 0.25 * Math.abs(this.#smoothedMs - adjustedMs);
    this.#smoothedMs = 0.875 * this.#smoothedMs + 0.125 * adjustedMs;
  }

  /** How long to wait for an acknowledgement before probing, without backoff (RFC 9002 §6.2.1). */
  // RUDP-RTT-3
  ptoBaseMs(maxAckDelayMs: number): number {
    return this.#smoothedMs + Math.max(4 * this.#varianceMs, GRANULARITY_MS) + maxAckDelayMs;
  }
}
