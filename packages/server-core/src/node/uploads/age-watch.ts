import { uptime } from 'node:os';
import { type Moment, SteadyTime } from '../../domain/steady-time.ts';
import { SENT_LIFETIME_MS } from '../limits.ts';

/** Two clocks, in milliseconds. */
export interface AgeClocks {
  /** Since 1970. */
  readonly wall: () => number;
  /** Never set; goes on while the machine sleeps. */
  readonly uptime: () => number;
}

/** Whether what was changed at a time, in milliseconds since 1970, is older than it may get. */
export type AgeJudge = (modifiedAt: number, lifetimeMs: number) => boolean;

/** Tells what is too old to be kept in the shared folder, by a wall clock that may be wrong. */
// CHAT-UPLOAD-9
export class AgeWatch {
  readonly #clocks: AgeClocks;
  readonly #time: SteadyTime;

  constructor(clocks: AgeClocks = { wall: Date.now, uptime: () => uptime() * 1_000 }) {
    this.#clocks = clocks;
    this.#time = new SteadyTime(this.#moment(), SENT_LIFETIME_MS);
  }

  /** Looks at the clocks; gives what can be said now. */
  look(): AgeJudge {
    const timeFor = this.#time.look(this.#moment());
    return (modifiedAt, lifetimeMs) => timeFor(lifetimeMs) - modifiedAt > lifetimeMs;
  }

  #moment(): Moment {
    return { wall: this.#clocks.wall(), now: this.#clocks.uptime() };
  }
}
