/** The pipe is not full while the bandwidth still grows by this factor per round (draft-ietf-ccwg-bbr §5.3.1.2). */
const growthMin = 1.25;
const roundsWithoutGrowthMax = 3;

/**
 * Finds the end of exponential growth: three rounds without growth, or one that also shows congestion (queueing delay, or more
 * loss than the growing rounds had).
 */
// RUDP-CC-3
export class FullPipe {
  #bandwidth = 0;
  #roundsWithoutGrowth = 0;
  #isReached = false;

  get isReached(): boolean {
    return this.#isReached;
  }

  /** Takes the bandwidth at the end of a round that was not application-limited. */
  onRoundEnd(bandwidth: number, isCongested: boolean): void {
    if (bandwidth >= this.#bandwidth * growthMin) {
      this.#bandwidth = bandwidth;
      this.#roundsWithoutGrowth = 0;
      return;
    }
    this.#roundsWithoutGrowth += isCongested ? roundsWithoutGrowthMax : 1;
    this.#isReached = this.#roundsWithoutGrowth >= roundsWithoutGrowthMax;
  }

  /** Looks for growth beyond `bandwidth` again. */
  reset(bandwidth = 0): void {
    this.#bandwidth = bandwidth;
    this.#roundsWithoutGrowth = 0;
    this.#isReached = false;
  }
}
