import type { Libc } from './libc.ts';

/** How long the difference of the two clocks is believed: somebody may set the one of the wall. */
const CALIBRATION_MS_MAX = 100;
/** Reading both clocks takes less, unless the thread was interrupted in between. */
const READING_MS_MAX = 0.02;
const READINGS_MAX = 4;

/**
 * When the kernel has taken datagrams from the network, on the clock of `performance.now()`. A program that is kept from reading
 * finds them all at once, later than they came; round trips and the spacing of packets are the path's all the same.
 */
export class ArrivalClock {
  readonly #libc: Libc;
  readonly #now: () => number;
  #wallMinusMonotonicMs = 0;
  #calibratedAtMs = Number.NEGATIVE_INFINITY;
  #latestMs = Number.NEGATIVE_INFINITY;

  constructor(libc: Libc, now: () => number = () => performance.now()) {
    this.#libc = libc;
    this.#now = now;
  }

  /**
   * When the datagram came that was read last from `fd`: not in the future, and not before the one that was asked about last;
   * undefined where the kernel does not tell.
   */
  arrivalOf(fd: number): number | undefined {
    return this.arrivalAt(this.#libc.receivedAtWallMs(fd));
  }

  /** The same for a datagram that came at `wallMs` on the wall's clock, if that is known. */
  arrivalAt(wallMs: number | undefined): number | undefined {
    if (wallMs === undefined) return undefined;
    const now = this.#now();
    if (now - this.#calibratedAtMs > CALIBRATION_MS_MAX) this.#calibrate();
    this.#latestMs = Math.min(now, Math.max(this.#latestMs, wallMs - this.#wallMinusMonotonicMs));
    return this.#latestMs;
  }

  #calibrate(): void {
    let bestMs = Number.POSITIVE_INFINITY;
    for (let reading = 0; reading < READINGS_MAX && bestMs > READING_MS_MAX; reading += 1) {
      const before = this.#now();
      const wallMs = this.#libc.wallClockMs();
      const after = this.#now();
      if (after - before >= bestMs) continue;
      bestMs = after - before;
      this.#wallMinusMonotonicMs = wallMs - (before + after) / 2;
      this.#calibratedAtMs = after;
    }
  }
}
