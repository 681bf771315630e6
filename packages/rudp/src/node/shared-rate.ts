import {
  DEFAULT_CONFIG,
  FairShares,
  LIMITED_WINDOW_MS,
  type RateLimits,
  RECEIVE_WINDOW_BYTES_MIN,
  type RudpConfig,
} from '../core/index.ts';

/** Settings of a connection that receives at no more than such a rate: a peer sends all that it is granted before it notices that nobody takes it. */
// CHAT-RATE-2
export function windowsForRate(
  bytesPerSecondMax: number | undefined,
): Partial<Pick<RudpConfig, 'receiveWindowBytesInitial' | 'receiveBytesPerSecondMax'>> {
  if (bytesPerSecondMax === undefined) return {};
  const bytes = Math.round((bytesPerSecondMax * LIMITED_WINDOW_MS) / 1000);
  const { receiveWindowBytesInitial } = DEFAULT_CONFIG;
  return {
    receiveWindowBytesInitial: Math.min(receiveWindowBytesInitial, Math.max(RECEIVE_WINDOW_BYTES_MIN, bytes)),
    receiveBytesPerSecondMax: bytesPerSecondMax,
  };
}

/** A rate that many streams share, in one direction. Each owner gets as much as every other, however many streams that is. */
export class SharedRate {
  #shares: FairShares<RateShare> | undefined;
  /** The streams that wait for a turn, and their owners. */
  readonly #waiting = new Map<RateShare, string>();
  #timer: NodeJS.Timeout | undefined;
  #isGiving = false;

  /** Without limits everything moves at once. */
  constructor(limits?: RateLimits | undefined) {
    if (limits !== undefined) this.setLimits(limits);
  }

  /** Other limits, or none, from now on. */
  setLimits(limits: RateLimits | undefined): void {
    const now = performance.now();
    this.#shares = limits && new FairShares(limits, now);
    for (const [share, owner] of [...this.#waiting]) {
      if (this.#shares !== undefined) this.#shares.ask(owner, share, now);
      else {
        this.#waiting.delete(share);
        share.handleNoLimit();
      }
    }
    this.#giveTurns();
  }

  /** A stream of `owner` takes part, until `leave`. */
  join(owner: string): RateShare {
    const share: RateShare = new RateShare({
      turnBytes: () => this.#shares?.turnBytes,
      ask: () => {
        this.#waiting.set(share, owner);
        this.#shares?.ask(owner, share, performance.now());
        this.#giveTurns();
      },
      withdraw: (unusedBytes) => {
        this.#waiting.delete(share);
        this.#shares?.withdraw(owner, share, unusedBytes);
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
    for (let turn = this.#shares?.pollTurn(now); turn !== undefined; turn = this.#shares?.pollTurn(now)) {
      this.#waiting.delete(turn.flow);
      turn.flow.handleTurn(turn.byteLength);
    }
    this.#isGiving = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const deadline = this.#shares?.deadline(now);
    if (deadline === undefined) return;
    // Node waits whole milliseconds; what comes late is made up for.
    this.#timer = setTimeout(() => this.#giveTurns(), Math.max(1, Math.ceil(deadline - now)));
  }
}

/** What a share needs of its rate. */
interface RateParts {
  /** Bytes of a turn; `undefined` while nothing is limited. */
  readonly turnBytes: () => number | undefined;
  readonly ask: () => void;
  readonly withdraw: (unusedBytes: number) => void;
}

/** What one stream may move of a shared rate. */
export class RateShare {
  readonly #rate: RateParts;
  #allowedBytes = 0;
  #isAsking = false;
  #waiting: { readonly byteLength: number; readonly move: () => void } | undefined;

  /** Made by `SharedRate.join`. */
  constructor(rate: RateParts) {
    this.#rate = rate;
  }

  /** Pieces of this size at most are moved evenly; infinite while nothing is limited. */
  get pieceBytesMax(): number {
    return this.#rate.turnBytes() ?? Number.POSITIVE_INFINITY;
  }

  /** Calls `move` when so many bytes may be moved: now, or later. One such call at a time; none follows `leave`. */
  take(byteLength: number, move: () => void): void {
    if (this.#rate.turnBytes() === undefined) {
      this.#allowedBytes = 0;
      move();
      return;
    }
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

  /**
   * The same with bytes, evenly however many: `move` gets pieces of at most `pieceBytesMax` one after the other, each when it may be moved, and
   * calls back when the next may follow; `onMoved` is called behind the last.
   */
  // CHAT-RATE-2
  takeEach(
    bytes: Uint8Array,
    move: (piece: Uint8Array, next: () => void) => void,
    onMoved: () => void,
  ): void {
    const piece = bytes.subarray(0, this.pieceBytesMax);
    const rest = bytes.subarray(piece.byteLength);
    const next = rest.byteLength === 0 ? onMoved : () => this.takeEach(rest, move, onMoved);
    this.take(piece.byteLength, () => move(piece, next));
  }

  /** For what has come already: calls `onPaid` when so many bytes might have been moved, to the last one. */
  // CHAT-RATE-2
  pay(byteLength: number, onPaid: () => void): void {
    const pieceBytes = Math.min(byteLength, this.pieceBytesMax);
    const next = pieceBytes === byteLength ? onPaid : () => this.pay(byteLength - pieceBytes, onPaid);
    this.take(pieceBytes, next);
  }

  /** It is this stream's turn. Called by the rate. */
  handleTurn(byteLength: number): void {
    this.#isAsking = false;
    this.#allowedBytes += byteLength;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) this.take(waiting.byteLength, waiting.move);
    else if (this.#allowedBytes <= 0) this.#ask();
  }

  /** The limit is gone, and its turns with it. Called by the rate. */
  handleNoLimit(): void {
    this.#isAsking = false;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    this.#allowedBytes = 0;
    waiting?.move();
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
