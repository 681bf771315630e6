import { WindowedMax } from './windowed-max.ts';

/** Rounds over which the largest excess is remembered (draft-ietf-ccwg-bbr §5.5.9). */
const WINDOW_ROUNDS = 10;

/**
 * How much more than the estimated bandwidth allows is acknowledged at once: receivers that acknowledge every tenth packet,
 * radio links and event loops deliver acknowledgements in lumps, and the window has to keep the path busy in between.
 */
export class AckAggregation {
  readonly #excess = new WindowedMax(WINDOW_ROUNDS);
  #intervalStartMs = 0;
  #intervalBytes = 0;

  get extraAckedBytes(): number {
    return this.#excess.max;
  }

  onRoundStart(): void {
    this.#excess.advance();
  }

  /** `bandwidth` in bytes per second; the excess is never above `congestionWindow`. */
  update(now: number, ackedBytes: number, bandwidth: number, congestionWindow: number): void {
    const expectedBytes = (bandwidth * (now - this.#intervalStartMs)) / 1000;
    if (this.#intervalBytes <= expectedBytes) {
      this.#intervalStartMs = now;
      this.#intervalBytes = ackedBytes;
    } else {
      this.#intervalBytes += ackedBytes;
    }
    const extra = this.#intervalBytes - (bandwidth * (now - this.#intervalStartMs)) / 1000;
    this.#excess.update(Math.min(extra, congestionWindow));
  }
}
