import { PATH_CHALLENGES_MAX } from '../limits.ts';
import { type StateTable, stepOf } from '../structures/state-table.ts';

/** How far the question stands whether the peer receives at an address. */
export type PathValidationState =
  /** Nothing was asked, or what was asked is answered. */
  | 'idle'
  | 'awaiting-response'
  /** Three probe timeouts have passed. An answer that is late is an answer. */
  | 'failed';

/** What moves it. */
export type PathValidationEvent = 'challenge-started' | 'response-received' | 'timed-out';

// RUDP-PATH-3
export const PATH_VALIDATION_TABLE: StateTable<PathValidationState, PathValidationEvent> = {
  idle: { 'challenge-started': 'awaiting-response' },
  'awaiting-response': {
    'challenge-started': 'awaiting-response',
    'response-received': 'idle',
    'timed-out': 'failed',
  },
  failed: { 'challenge-started': 'awaiting-response', 'response-received': 'idle' },
};

/** The 8 bytes of a PATH-CHALLENGE, and how long to wait for them. */
export interface ChallengeOptions {
  readonly data: Uint8Array;
  /** A third of the time after which the path counts as dead (RFC 9000 §8.2.4). */
  readonly probeTimeoutMs: number;
  /** How often the challenge is sent at most. */
  readonly sendsMax?: number;
}

/**
 * Asks whether the peer receives at an address (RFC 9000 §8.2): a PATH-CHALLENGE leaves at once, again after one and after two
 * probe timeouts, and after three the path has failed. All of one validation carry the same bytes.
 */
export class PathValidation {
  #state: PathValidationState = 'idle';
  #data: Uint8Array = new Uint8Array(0);
  #isDue = false;
  #sendsLeft = 0;
  #sentCount = 0;
  #sentAtMs = 0;
  #isFullSize = true;
  #probeTimeoutMs = 0;
  #nextAtMs = Number.POSITIVE_INFINITY;
  #expiresAtMs = Number.POSITIVE_INFINITY;

  /** Begins anew: with other bytes when the last were answered, with the same when the answer may still be on its way. */
  start(now: number, { data, probeTimeoutMs, sendsMax = PATH_CHALLENGES_MAX }: ChallengeOptions): void {
    if (this.#state === 'idle') {
      this.#data = data;
      this.#sentCount = 0;
      this.#isFullSize = true;
    }
    this.#step('challenge-started');
    this.#isDue = true;
    this.#sendsLeft = sendsMax;
    this.#probeTimeoutMs = probeTimeoutMs;
    this.#nextAtMs = Number.POSITIVE_INFINITY;
    this.#expiresAtMs = now + PATH_CHALLENGES_MAX * probeTimeoutMs;
  }

  /** An answer is awaited. */
  get isActive(): boolean {
    return this.#state === 'awaiting-response';
  }

  /** The bytes of the challenge that should leave now. */
  get due(): Uint8Array | undefined {
    return this.#isDue ? this.#data : undefined;
  }

  /** When `handleTimer` must be called. */
  get deadline(): number | undefined {
    return this.isActive ? Math.min(this.#nextAtMs, this.#expiresAtMs) : undefined;
  }

  /** `isFullSize`: the datagram was large enough to show that the path carries full packets. */
  onSent(now: number, isFullSize: boolean): void {
    this.#isDue = false;
    this.#sendsLeft -= 1;
    this.#sentCount += 1;
    this.#sentAtMs = now;
    this.#isFullSize &&= isFullSize;
    this.#nextAtMs = this.#sendsLeft > 0 ? now + this.#probeTimeoutMs : Number.POSITIVE_INFINITY;
  }

  /** True when the time is over and no answer came. */
  // RUDP-PATH-3
  handleTimer(now: number): boolean {
    if (!this.isActive) return false;
    if (now >= this.#expiresAtMs) {
      this.#step('timed-out');
      this.#isDue = false;
      return true;
    }
    if (now < this.#nextAtMs) return false;
    this.#isDue = true;
    this.#nextAtMs = Number.POSITIVE_INFINITY;
    return false;
  }

  /**
   * Takes the bytes of a PATH-RESPONSE. Undefined when they are not those of the challenge; otherwise the validation is over,
   * and the result says what it showed.
   */
  handleResponse(
    now: number,
    data: Uint8Array,
  ): { isFullSize: boolean; rttMs: number | undefined } | undefined {
    if (this.#state === 'idle' || this.#sentCount === 0) return undefined;
    if (!this.#data.every((byte, index) => byte === data[index])) return undefined;
    this.#step('response-received');
    this.#isDue = false;
    return { isFullSize: this.#isFullSize, rttMs: this.#sentCount === 1 ? now - this.#sentAtMs : undefined };
  }

  #step(event: PathValidationEvent): void {
    this.#state = stepOf(PATH_VALIDATION_TABLE, this.#state, event);
  }
}
