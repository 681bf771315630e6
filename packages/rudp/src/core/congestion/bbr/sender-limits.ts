/**
 * What keeps the sender from sending all that the path would take: its program has nothing to send, or its machine wakes it up so
 * late that credit is lost. Both make samples of the delivery rate lower bounds.
 */
export class SenderLimits {
  #isLimited = false;
  #idleRound = Number.NEGATIVE_INFINITY;

  /** The last sample is a lower bound. */
  get isLimited(): boolean {
    return this.#isLimited;
  }

  /** The program had nothing to send in this round or the last: to look for more would be in vain. */
  isIdle(round: number): boolean {
    return round <= this.#idleRound + 1;
  }

  /** The program had, but the machine did not let it in time: what looks like a full pipe may be that. */
  isLate(round: number): boolean {
    return this.#isLimited && !this.isIdle(round);
  }

  onSample(isLimited: boolean): void {
    this.#isLimited = isLimited;
  }

  /** The program had nothing to send. */
  onIdle(round: number): void {
    this.#isLimited = true;
    this.#idleRound = round;
  }
}
