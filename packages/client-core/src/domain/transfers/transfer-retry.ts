import type { Wish } from '../../transfers/running-transfer.ts';
import type { TransferFailureCode } from '../errors.ts';
import {
  TRANSFER_RETRY_MS_MAX,
  TRANSFER_RETRY_MS_MIN,
  TRANSFER_TRIES_MAX,
  UNREACHABLE_TRIES_MAX,
} from '../limits.ts';

/** Refusals that say nothing of the file: the server has too much to do. */
const BUSY_REFUSALS: ReadonlySet<TransferFailureCode> = new Set([
  'rate-limited',
  'request-limit',
  'server-draining',
  'transfer-limit',
]);

/** Refusals that time may cure when the file was there before. */
const PASSING_REFUSALS: ReadonlySet<TransferFailureCode> = new Set([
  'file-unreadable',
  'internal-error',
  'request-timed-out',
]);

/** When to ask for a file again whose transfer broke: later with every try that brought nothing, and not for ever. */
// CHAT-RESUME-1
export class TransferRetry {
  #vainTries = 0;
  #arrivedBytes = 0;
  #isBegun = false;

  /** The server offered something. */
  begin(): void {
    this.#isBegun = true;
  }

  /** In how many milliseconds to ask again after a transfer broke; `undefined` when it is no use. */
  delayAfterTrouble(wanted: Wish): number | undefined {
    if (wanted.arrivedBytes > this.#arrivedBytes) this.#vainTries = 0;
    this.#arrivedBytes = wanted.arrivedBytes;
    const isMute = wanted.trouble?.code === 'server-unreachable' && wanted.arrivedBytes === 0;
    return this.#next(isMute ? UNREACHABLE_TRIES_MAX : TRANSFER_TRIES_MAX);
  }

  /** The same after the server refused to offer; what it says of a file the first time is the answer, unless it says when to ask again. */
  // CHAT-FAILED-1
  delayAfterRefusal(code: TransferFailureCode, retryAfterMs: number | undefined): number | undefined {
    const isPassing = retryAfterMs !== undefined || (this.#isBegun && PASSING_REFUSALS.has(code));
    if (!BUSY_REFUSALS.has(code) && !isPassing) return undefined;
    const delayMs = this.#next(TRANSFER_TRIES_MAX);
    return delayMs === undefined ? undefined : Math.max(delayMs, retryAfterMs ?? 0);
  }

  #next(triesMax: number): number | undefined {
    this.#vainTries += 1;
    if (this.#vainTries >= triesMax) return undefined;
    return Math.min(TRANSFER_RETRY_MS_MAX, TRANSFER_RETRY_MS_MIN * 2 ** (this.#vainTries - 1));
  }
}
