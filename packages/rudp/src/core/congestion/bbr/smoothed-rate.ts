/**
 * Delivery rate averaged over the samples of about one time constant. A maximum over raw samples is biased upwards by every
 * late timer on the way, and a bandwidth that is 3 % too high becomes a standing queue within seconds.
 *
 * Bytes and times are averaged apart, since the mean of quotients is biased too.
 */
export class SmoothedRate {
  #bytes = 0;
  #intervalMs = 0;
  #updatedAtMs = 0;

  /** Bytes per second; 0 before the first sample. */
  get value(): number {
    return this.#intervalMs === 0 ? 0 : (this.#bytes * 1000) / this.#intervalMs;
  }

  update(
    now: number,
    sample: { readonly deliveredBytes: number; readonly intervalMs: number },
    timeConstantMs: number,
  ): void {
    const decay = Math.exp(-(now - this.#updatedAtMs) / timeConstantMs);
    this.#updatedAtMs = now;
    this.#bytes = this.#bytes * decay + sample.deliveredBytes;
    this.#intervalMs = this.#intervalMs * decay + sample.intervalMs;
  }
}
