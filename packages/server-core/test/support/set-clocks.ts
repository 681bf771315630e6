import type { AgeClocks } from '../../src/node/uploads/age-watch.ts';

/** The clocks of a machine, in the hands of a test. The wall clock is right at first. */
export class SetClocks implements AgeClocks {
  #uptime = 1_000;
  /** In whole seconds, which times of files are exactly. */
  #wall = Math.floor(Date.now() / 1_000) * 1_000;

  readonly wall = () => this.#wall;
  readonly uptime = () => this.#uptime;

  /** Time goes by. */
  pass(ms: number): void {
    this.#uptime += ms;
    this.#wall += ms;
  }

  /** Somebody sets the wall clock, forward or back. */
  set(ms: number): void {
    this.#wall += ms;
  }
}
