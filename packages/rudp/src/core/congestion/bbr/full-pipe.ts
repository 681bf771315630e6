/** The pipe is not full while the bandwidth still grows by this factor per round (draft-ietf-ccwg-bbr §5.3.1.2). */
const growthMin = 1.25;
const roundsWithoutGrowthMax = 3;

/**
 * Finds the end of exponential growth: three rounds without growth, or one that also shows a queue.
 */
// RUDP-CC-3
export class FullPipe {
  #bandwidth = 0;
  #roundsWithoutGrowth = 0;
  #isReached = false;

  get isReached(): boolean {
    return this.#isReached;
  }

  /** Whether the last round brought more. */
  get isGrowing(): boolean {
    return this.#roundsWithoutGrowth === 0;
  }

  /** Takes the bandwidth at the end of a round that was not application-limited. */
  onRoundEnd(bandwidth: number, isQueued: boolean): void {
    if (bandwidth >= this.#bandwidth * growthMin) {
      this.#bandwidth = bandwidth;
      this.#roundsWithoutGrowth = 0;
      return;
    }
    this.#roundsWithoutGrowth += isQueued ? roundsWithoutGrowthMax : 1;
    this.#isReached = this.#roundsWithoutGrowth >= roundsWithoutGrowthMax;
  }

  /** Something else has shown that the pipe is full. */
  markReached(): void {
    this.#isReached = true;
  }
}
