/** Time that moves only when the simulation says so; milliseconds, fractions allowed. */
export class VirtualClock {
  #now: number;

  constructor(startMs = 0) {
    this.#now = startMs;
  }

  /** The current virtual time in milliseconds. */
  get now(): number {
    return this.#now;
  }

  /** Moves forward to `timeMs`; standing still is allowed, going back is not. */
  advanceTo(timeMs: number): void {
    if (!(timeMs >= this.#now))
      throw new RangeError(`expected a time from ${this.#now} ms on, got ${timeMs} ms`);
    this.#now = timeMs;
  }
}
