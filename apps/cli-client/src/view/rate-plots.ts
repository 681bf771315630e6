import type { Transfer } from '@parley/client-core';
import type { Glyphs } from './glyphs.ts';

/** Rates kept of each download: as many as a plot has columns. */
const RATES_KEPT = 16;
/** Between two of them. */
const INTERVAL_MS = 1_000;

/** Remembers how fast each download was lately, for a small plot beside its bar. */
export class RatePlots {
  readonly #rates = new Map<number, number[]>();
  #takenAt = Number.NEGATIVE_INFINITY;

  /** Takes the rates of the downloads that are not over; those that are, are forgotten. */
  handleTransfers(transfers: readonly Transfer[], now: number): void {
    if (now < this.#takenAt + INTERVAL_MS) return;
    this.#takenAt = now;
    const open = new Set(transfers.map(({ number }) => number));
    for (const number of this.#rates.keys()) if (!open.has(number)) this.#rates.delete(number);
    for (const { number, state, bytesPerSecond } of transfers) {
      if (state !== 'running' && !this.#rates.has(number)) continue;
      const rates = this.#rates.get(number) ?? [];
      rates.push(state === 'running' ? bytesPerSecond : 0);
      this.#rates.set(number, rates.slice(-RATES_KEPT));
    }
  }

  /** A row of columns as high as the rates were, the newest at the right; the highest is the fastest of them. */
  readonly plot = (number: number, glyphs: Glyphs): string => {
    const rates = this.#rates.get(number) ?? [];
    const highest = Math.max(1, ...rates);
    const steps = glyphs.plot.length - 1;
    return rates
      .map((rate) => glyphs.plot[Math.round((rate / highest) * steps)] ?? '')
      .join('')
      .padStart(RATES_KEPT);
  };
}
