import { uptime } from 'node:os';
import { AGES_DOUBTED_MS, CLOCK_STEP_MS_MIN, SENT_LIFETIME_MS } from '../limits.ts';

/** Two clocks, in milliseconds. */
export interface AgeClocks {
  /** Since 1970: somebody may set it, rightly or wrongly. */
  readonly wall: () => number;
  /** Never set; goes on while the machine sleeps. */
  readonly uptime: () => number;
}

/** Whether what was changed at a time, in milliseconds since 1970, is older than it may get. */
export type AgeJudge = (modifiedAt: number, lifetimeMs: number) => boolean;

/**
 * Tells what is too old to be kept. A wall clock that is set forward makes everything look old at once, and what is removed then does not
 * come back when it is set right: so nothing counts as old before it has been there for its time by the other clock too.
 */
// CHAT-UPLOAD-9
export class AgeWatch {
  readonly #clocks: AgeClocks;
  readonly #startedAt: number;
  /** What the wall clock has more than the other one. */
  #lead: number;
  /** How far the wall clock was set forward, and when by the other one; what nothing lives long enough for is left out. */
  #steps: readonly { readonly at: number; readonly ms: number }[] = [];

  constructor(clocks: AgeClocks = { wall: Date.now, uptime: () => uptime() * 1_000 }) {
    this.#clocks = clocks;
    this.#startedAt = clocks.uptime();
    this.#lead = clocks.wall() - this.#startedAt;
  }

  /** Looks at the clocks; gives what can be said now. */
  look(): AgeJudge {
    const [wall, now] = [this.#clocks.wall(), this.#clocks.uptime()];
    const ms = wall - now - this.#lead;
    this.#lead += ms;
    this.#steps = this.#steps.filter(({ at }) => now - at < SENT_LIFETIME_MS);
    if (ms > CLOCK_STEP_MS_MIN) this.#steps = [...this.#steps, { at: now, ms }];
    // Nobody knows what was done to the clock before this process came: there is time to set it right.
    if (now - this.#startedAt < AGES_DOUBTED_MS) return () => false;
    return (modifiedAt, lifetimeMs) => {
      const recent = this.#steps.filter(({ at }) => now - at < lifetimeMs);
      const leapMs = recent.reduce((sum, step) => sum + step.ms, 0);
      return wall - leapMs - modifiedAt > lifetimeMs;
    };
  }
}
