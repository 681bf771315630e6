import { FairShares, type RateLimits } from '../core/index.ts';

/** A rate that many streams share, in one direction. Each owner gets as much as every other, however many streams that is. */
export class SharedRate {
  readonly #shares: FairShares<RateShare>;
  #timer: NodeJS.Timeout | undefined;
  #isGiving = false;

  /** At least one of the limits is given. */
  constructor(limits: RateLimits) {
    this.#shares = new FairShares(limits, performance.now());
  }

  /** A stream of `owner` takes part, until `leave`. */
  join(owner: string): RateShare {
    const share: RateShare = new RateShare(this.#shares.turnBytes, {
      ask: () => {
        this.#shares.ask(owner, share, performance.now());
        this.#giveTurns();
      },
      withdraw: (unusedBytes) => {
        this.#shares.withdraw(owner, share, unusedBytes);
        this.#giveTurns();
      },
    });
    return share;
  }

  #giveTurns(): void {
    // Who has a turn may ask for the next one at once: it is in the queue then.
    if (this.#isGiving) return;
    this.#isGiving = true;
    const now = performance.now();
    for (let share = this.#shares.pollTurn(now); share !== undefined; share = this.#shares.pollTurn(now)) {
      share.handleTurn();
    }
    this.#isGiving = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const deadline = this.#shares.deadline(now);
    if (deadline === undefined) return;
    // Node waits whole milliseconds; what comes late is made up for.
    this.#timer = setTimeout(() => this.#giveTurns(), Math.max(1, Math.ceil(deadline - now)));
  }
}

/** What one stream may move of a shared rate. */
export class RateShare {
  /** Pieces of this size at most are moved evenly. */
  readonly pieceBytesMax: number;
  readonly #turnBytes: number;
  readonly #rate: { readonly ask: () => void; readonly withdraw: (unusedBytes: number) => void };
  #allowedBytes = 0;
  #isAsking = false;
  #waiting: { readonly byteLength: number; readonly move: () => void } | undefined;

  /** Made by `SharedRate.join`. */
  constructor(
    turnBytes: number,
    rate: { readonly ask: () => void; readonly withdraw: (unusedBytes: number) => void },
  ) {
    this.#turnBytes = turnBytes;
    this.pieceBytesMax = turnBytes;
    this.#rate = rate;
  }

  /** Calls `move` when so many bytes may be moved: now, or later. One such call at a time; none follows `leave`. */
  take(byteLength: number, move: () => void): void {
    if (this.#allowedBytes <= 0) {
      this.#waiting = { byteLength, move };
      this.#ask();
      return;
    }
    // The last piece of a turn may go beyond it: the next turn pays for it.
    this.#allowedBytes -= byteLength;
    // One turn ahead: who asks only when all of the last one is on its way comes too late for a fair part.
    if (this.#allowedBytes <= 0) this.#ask();
    move();
  }

  /** It is this stream's turn. Called by the rate. */
  handleTurn(): void {
    this.#isAsking = false;
    this.#allowedBytes += this.#turnBytes;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) this.take(waiting.byteLength, waiting.move);
    else if (this.#allowedBytes <= 0) this.#ask();
  }

  /** The stream is over. May be called twice. */
  leave(): void {
    this.#waiting = undefined;
    const unusedBytes = this.#allowedBytes;
    this.#allowedBytes = 0;
    this.#rate.withdraw(unusedBytes);
  }

  #ask(): void {
    if (this.#isAsking) return;
    this.#isAsking = true;
    this.#rate.ask();
  }
}
