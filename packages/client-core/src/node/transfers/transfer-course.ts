import type { TransferOutcome } from '@parley/protocol';
import type {
  TransferEnd,
  TransferPhase,
  TransferProgress,
  TransferRoute,
  Wish,
} from '../../transfers/running-transfer.ts';
import { RateMeter } from './rate-meter.ts';
import { isWorthAnotherOffer, TransferError, transferErrorFrom, UdpBackError } from './transfer-error.ts';

/** Ten times a second is what an eye can follow. */
export const PROGRESS_INTERVAL_MS = 100;

/** What only the transfer itself knows. */
export interface TransferCounts extends Pick<TransferProgress, 'receivedBytes' | 'size'> {
  /** Bytes whose rate is told. */
  readonly movedBytes: number;
}

/** Why what still seems to flow is broken off. */
const LET_GO = 'the server has let go of it';

/** Phases in which bytes move, so that they can be held back. */
const PAUSABLE_PHASES: ReadonlySet<TransferPhase> = new Set(['connecting', 'receiving', 'sending']);

/**
 * What downloads and uploads have in common: whether they are paused, ended or over, for which offer they wait, and what they tell
 * of all that. They own one, and move the bytes themselves.
 */
export class TransferCourse<Offer> {
  /** Bytes that were there already at the beginning; undefined until that is known. */
  resumedBytes: number | undefined;
  /** Bytes that have moved so far. */
  arrivedBytes = 0;
  /** How often the source turned out to be another one than before. */
  changesSeen = 0;
  readonly #direction: 'download' | 'upload';
  readonly #counts: () => TransferCounts;
  readonly #onProgress: (progress: TransferProgress) => void;
  readonly #rate = new RateMeter();
  readonly #startedAt = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #giveOffer: ((offer: Offer | undefined) => void) | undefined;
  #phase: TransferPhase = 'preparing';
  #route: TransferRoute | undefined;
  #isPaused = false;
  #ending: 'stopped' | 'cancelled' | undefined;
  #isOver = false;
  #reported: TransferProgress | undefined;

  constructor(
    direction: 'download' | 'upload',
    parts: {
      readonly counts: () => TransferCounts;
      readonly onProgress: (progress: TransferProgress) => void;
    },
  ) {
    this.#direction = direction;
    this.#counts = parts.counts;
    this.#onProgress = parts.onProgress;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  get durationMs(): number {
    return performance.now() - this.#startedAt;
  }

  /** From now on it tells how far it is. */
  begin(): void {
    this.#timer = setInterval(() => this.report(), PROGRESS_INTERVAL_MS);
  }

  /** It is over: nothing is told any more. */
  finish(): void {
    this.#isOver = true;
    clearInterval(this.#timer);
  }

  /** False when there is nothing to hold back. */
  pause(): boolean {
    if (this.#isOver || this.#phase === 'verifying') return false;
    this.#isPaused = true;
    this.#reportSoon();
    return true;
  }

  /** False when it is not paused. */
  resume(): boolean {
    if (this.#isOver || !this.#isPaused) return false;
    this.#isPaused = false;
    this.#reportSoon();
    return true;
  }

  /** The user ends it; false when that was done already. What is under way is for the caller to break off, before `giveUpWaiting`. */
  end(how: 'stopped' | 'cancelled'): boolean {
    if (this.#isOver || this.#ending === 'cancelled') return false;
    this.#ending = how;
    return true;
  }

  /** Breaks off a stream of it: as the user has ended it, or because the server has let go of it. Only what is cancelled is not wanted again. */
  breakOff(stream: { reset(outcome: TransferOutcome, reason: string): void } | undefined): void {
    stream?.reset(this.#ending === 'cancelled' ? 'cancelled' : 'connection-lost', this.#ending ?? LET_GO);
  }

  /** No offer is waited for any longer. */
  giveUpWaiting(): void {
    this.#giveOffer?.(undefined);
  }

  /** Throws when the user has ended it. */
  assertGoingOn(): void {
    if (this.#ending !== undefined) throw this.#ended();
  }

  /** Takes the offer that is waited for, if one is. */
  take(offer: Offer): void {
    this.#giveOffer?.(offer);
  }

  /** Waits for an offer, which `ask` asks for; `trouble` is what the last one ended with. */
  nextOffer(trouble: TransferError | undefined, ask: (wish: Wish) => void): Promise<Offer> {
    this.assertGoingOn();
    this.enter('waiting');
    const offered = new Promise<Offer>((resolve, reject) => {
      this.#giveOffer = (offer) => {
        this.#giveOffer = undefined;
        if (offer === undefined) reject(this.#ended());
        else resolve(offer);
      };
    });
    ask({
      receivedBytes: this.#counts().receivedBytes,
      arrivedBytes: this.arrivedBytes,
      trouble: trouble && { code: trouble.code, message: trouble.message },
    });
    return offered;
  }

  /** What interrupted an offer, when it is worth another one; nothing when only the way changes; throws otherwise. */
  interruptionBy(error: unknown): TransferError | undefined {
    this.assertGoingOn();
    if (error instanceof UdpBackError) return undefined;
    const trouble = transferErrorFrom(error);
    if (!isWorthAnotherOffer(trouble)) throw trouble;
    return trouble;
  }

  /** How it ended, by the user or by an error. */
  outcomeOf(error: unknown): TransferEnd {
    if (this.#ending !== undefined) return { kind: this.#ending };
    const { code, message } = transferErrorFrom(error);
    return { kind: 'failed', code, message };
  }

  enter(phase: TransferPhase): void {
    this.#phase = phase;
    this.report();
  }

  /** There is a connection. */
  establish(route: TransferRoute, phase: TransferPhase): void {
    this.#route = route;
    this.enter(phase);
  }

  /** A transfer that is a part of this one has told this; it is told on with the next report. */
  follow({ phase, route }: TransferProgress): void {
    this.#route = route ?? this.#route;
    if (phase !== 'verifying') this.#phase = phase;
  }

  report(): void {
    if (this.#isOver) return;
    const { receivedBytes, size, movedBytes } = this.#counts();
    const progress: TransferProgress = {
      phase: this.#isPaused && PAUSABLE_PHASES.has(this.#phase) ? 'paused' : this.#phase,
      receivedBytes,
      resumedBytes: this.resumedBytes ?? 0,
      size,
      bytesPerSecond: this.#rate.record(performance.now(), movedBytes),
      changesSeen: this.changesSeen,
      route: this.#route,
    };
    if (this.#reported !== undefined && isSame(progress, this.#reported)) return;
    this.#reported = progress;
    this.#onProgress(progress);
  }

  /** Not from inside a call of the user, who may call back. */
  #reportSoon(): void {
    setImmediate(() => this.report());
  }

  #ended(): TransferError {
    return new TransferError('host-failed', `the ${this.#direction} was ended`);
  }
}

function isSame(left: TransferProgress, right: TransferProgress): boolean {
  return (
    left.phase === right.phase &&
    left.receivedBytes === right.receivedBytes &&
    left.bytesPerSecond === right.bytesPerSecond &&
    left.changesSeen === right.changesSeen &&
    left.route === right.route &&
    left.size === right.size
  );
}
