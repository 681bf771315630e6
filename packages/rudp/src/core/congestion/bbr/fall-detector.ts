/** A period that delivers less than this part of what was sent, while a queue stands, shows that the bandwidth has fallen. */
const FALL_RATIO = 0.6;
/** Short periods have to repeat before they show it: one alone may be a stalled machine. */
const FALL_MS_MIN = 24;

/** Whether the path delivers much less than it did, for longer than a machine stalls. */
export class FallDetector {
  #fallingMs = 0;

  /** Judges a period of `ageMs` that delivered `delivered` of `expected`, both in bytes per second. */
  judge(period: {
    readonly delivered: number;
    readonly expected: number;
    readonly ageMs: number;
    readonly isQueued: boolean;
  }): boolean {
    const isFalling = period.isQueued && period.delivered < FALL_RATIO * period.expected;
    this.#fallingMs = isFalling ? this.#fallingMs + period.ageMs : 0;
    return this.#fallingMs >= FALL_MS_MIN;
  }
}
