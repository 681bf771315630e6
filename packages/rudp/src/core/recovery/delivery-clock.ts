/** What the clocks of two machines drift apart at the most, while one of them is being set (NTP: 500 ppm). */
const DRIFT_MAX = 0.0005;

/**
 * When bytes were delivered, in milliseconds: as the receiver tells, which no delay of its program, of acknowledgements or of
 * ours falsifies. An ACK frame that does not tell stands for the moment at which the quickest one would have come from.
 *
 * The receiver's times are moved to where the first frame that had one was read, so that all of them can be compared.
 */
export class DeliveryClock {
  #originMs: number | undefined;
  /** How much earlier than this frame's delivery suggests the quickest frame was read, and when the last one was. */
  #aheadMs = 0;
  #readAtMs = 0;
  #deliveredAtMs = 0;

  /** When what the current frame acknowledges was delivered. */
  get deliveredAtMs(): number {
    return this.#deliveredAtMs;
  }

  /** A frame is read at `now`; its largest packet arrived at `receivedAtMs` on the receiver's clock, if the frame says so. */
  // RUDP-RATE-5
  startFrame(now: number, receivedAtMs: number | undefined): void {
    if (this.#originMs !== undefined) this.#aheadMs -= DRIFT_MAX * (now - this.#readAtMs);
    this.#readAtMs = now;
    if (receivedAtMs === undefined) {
      this.#deliveredAtMs = this.estimate(now);
      return;
    }
    this.#originMs ??= receivedAtMs - now;
    this.#deliveredAtMs = receivedAtMs - this.#originMs;
    this.#aheadMs = Math.max(this.#aheadMs, this.#deliveredAtMs - now);
  }

  /** When bytes were delivered whose acknowledgement is read at `now`, if it came as quickly as any. */
  estimate(now: number): number {
    return now + this.#aheadMs;
  }
}
