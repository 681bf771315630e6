import { AGES_DOUBTED_MS, CLOCK_STEP_MS_MIN } from './limits.ts';

/** What two clocks say at one moment, in milliseconds. */
export interface Moment {
  /** Since 1970: somebody may set this clock, rightly or wrongly. */
  readonly wall: number;
  /** By one that nobody sets. */
  readonly now: number;
}

/**
 * The time by which something gets too old to be kept. A wall clock that is set forward makes everything look old at once, and what is removed
 * then does not come back when it is set right: so nothing counts as old before it has been there for its time by the other clock too.
 */
// CHAT-UPLOAD-9
export class SteadyTime {
  readonly #lifetimeMsMax: number;
  readonly #startedAt: number;
  /** What the wall clock has more than the other one. */
  #lead: number;
  /** How far the wall clock was set, forward or back, and when by the other one: the last of them, for as long as anything lives. */
  #steps: readonly { readonly at: number; readonly ms: number }[] = [];

  /** `lifetimeMsMax`: of what lives longest. */
  constructor({ wall, now }: Moment, lifetimeMsMax: number) {
    this.#lifetimeMsMax = lifetimeMsMax;
    this.#startedAt = now;
    this.#lead = wall - now;
  }

  /**
   * Looks at the clocks. Gives for a lifetime, in milliseconds, the time since 1970 by which to count the ages of what lives so long: never later than
   * the wall clock, and long ago while nothing can be said.
   */
  look({ wall, now }: Moment): (lifetimeMs: number) => number {
    const ms = wall - now - this.#lead;
    this.#lead += ms;
    this.#steps = this.#steps.filter(({ at }) => now - at < this.#lifetimeMsMax);
    if (Math.abs(ms) > CLOCK_STEP_MS_MIN) this.#steps = [...this.#steps, { at: now, ms }];
    // Nobody knows what was done to the clock before this process came: there is time to set it right.
    if (now - this.#startedAt < AGES_DOUBTED_MS) return () => 0;
    const steps = this.#steps;
    return (lifetimeMs) => {
      let [leapMs, sinceMs] = [0, 0];
      // What came between two steps has seen the later one alone.
      for (const step of steps.toReversed()) {
        if (now - step.at >= lifetimeMs) break;
        sinceMs += step.ms;
        leapMs = Math.max(leapMs, sinceMs);
      }
      return wall - leapMs;
    };
  }
}
