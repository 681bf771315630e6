import type { Random } from '@parley/netsim';
import { logarithmic } from '../../plan/faults.ts';

/** Who hears of a cut; mostly both. */
export const HEARINGS = ['both', 'both', 'client', 'server', 'nobody'] as const;

/** Draws what happens at times, as long as faults may happen. */
export class HappeningDraw<Fault extends string, Happening extends { readonly atMs: number }> {
  readonly #random: Random;
  readonly #faults: ReadonlySet<Fault>;
  readonly #endMs: number;
  readonly #lastsMsMax: number;
  readonly #happenings: Happening[] = [];

  constructor(
    random: Random,
    options: {
      readonly faults: ReadonlySet<Fault>;
      readonly endMs: number;
      /** Nothing lasts longer, nor longer than the faults. */
      readonly lastsMsMax: number;
    },
  ) {
    this.#random = random;
    this.#faults = options.faults;
    this.#endMs = options.endMs;
    this.#lastsMsMax = options.lastsMsMax;
  }

  /** All that was drawn, in the order of time. */
  get inOrder(): Happening[] {
    return this.#happenings.sort((left, right) => left.atMs - right.atMs);
  }

  /** Once to `countMax` times, if runs have such a fault at all. */
  draw(
    fault: Fault,
    countMax: number,
    make: (at: { readonly atMs: number; readonly lastsMs: number }) => Happening | readonly Happening[],
  ): void {
    if (!this.#faults.has(fault)) return;
    for (let count = this.#random.integer(1, countMax); count > 0; count -= 1) {
      const atMs = Math.floor(this.#random.ratio() * this.#endMs);
      const lastsMs = Math.min(
        this.#endMs - atMs,
        Math.floor(logarithmic(this.#random, 10, this.#lastsMsMax)),
      );
      this.#happenings.push(...([make({ atMs, lastsMs })].flat() as Happening[]));
    }
  }
}
