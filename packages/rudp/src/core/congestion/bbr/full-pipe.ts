import type { LossCount } from './loss-meter.ts';
import type { PathEstimate } from './path-estimate.ts';

/** The pipe is not full while the bandwidth still grows by this factor per round (draft-ietf-ccwg-bbr §5.3.1.2). */
const GROWTH_MIN = 1.25;
const ROUNDS_WITHOUT_GROWTH_MAX = 3;
/** Growth is judged not more often than this. */
export const STARTUP_MS_MIN = 5;

/** Finds the end of exponential growth: three rounds without growth, or one that also shows a queue. */
// RUDP-CC-3
export class FullPipe {
  #bandwidth = 0;
  #roundsWithoutGrowth = 0;
  #isReached = false;
  /** Loss of the round before this one, until it is clear what it was. */
  #heldLoss: LossCount = { ackedBytes: 0, lostBytes: 0 };

  get isReached(): boolean {
    return this.#isReached;
  }

  /** Judges a round that was not application-limited. */
  onRoundEnd(path: PathEstimate): void {
    if (path.bandwidthMax < this.#bandwidth * GROWTH_MIN) {
      this.#roundsWithoutGrowth += path.queue.isQueued ? ROUNDS_WITHOUT_GROWTH_MAX : 1;
      this.#isReached = this.#roundsWithoutGrowth >= ROUNDS_WITHOUT_GROWTH_MAX;
      return;
    }
    this.#bandwidth = path.bandwidthMax;
    this.#roundsWithoutGrowth = 0;
    this.#learnLoss(path);
  }

  /** Something else has shown that the pipe is full. */
  markReached(): void {
    this.#isReached = true;
  }

  /** Loss of a round that the next round outgrew cannot have been an overflow: the path has it anyway. */
  // RUDP-CC-10
  #learnLoss(path: PathEstimate): void {
    if (path.queue.occupancy !== 'empty') return;
    path.losses.learn(this.#heldLoss);
    this.#heldLoss = path.losses.window;
  }
}
