import { performance } from 'node:perf_hooks';

/**
 * The clocks of the domain. While a turn of the event loop is held, all that comes in it has come at one time: looking at two
 * clocks for each of hundreds of messages is work, and what one read of a socket brought did come at once.
 */
export class TurnClock {
  readonly #clocks: { readonly now: () => number; readonly wall: () => number };
  #isHeld = false;
  #now: number | undefined;
  #wall: number | undefined;

  constructor(clocks = { now: () => performance.now(), wall: () => Date.now() }) {
    this.#clocks = clocks;
  }

  /** Milliseconds of a clock that never goes back. */
  now(): number {
    if (!this.#isHeld || this.#now === undefined) {
      this.#now = this.#clocks.now();
      this.#wall = undefined;
    }
    return this.#now;
  }

  /** Unix time in milliseconds, at the last `now`. */
  wall(): number {
    this.#wall ??= this.#clocks.wall();
    return this.#wall;
  }

  /** From the next `now` on the time stands still, until `release`. */
  hold(): void {
    if (this.#isHeld) return;
    this.#isHeld = true;
    this.#now = undefined;
  }

  release(): void {
    this.#isHeld = false;
  }
}
