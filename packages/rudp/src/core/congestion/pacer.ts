import { invariant } from '../structures/invariant.ts';

/** What leaves together: about this much time at the pacing rate. */
const QUANTUM_MS = 1;
/** Or this part of a short round trip: a train and what is caught up with before it must not fill a queue of one BDP. */
const QUANTUM_RTT_PART = 1 / 4;
/** Trains of this length fill none, and cutting them shorter only makes more of them. */
const QUANTUM_BYTES_SHORT = 16_384;
/** One segmentation-offload train. */
const QUANTUM_BYTES_MAX = 65_536;
const QUANTUM_PACKETS_MIN = 2;
/** Credit that a late driver may catch up with, unless told. Timers of Node are 1 ms late often and 3 ms late in one of a hundred cases. */
const CREDIT_MS_DEFAULT = 4;
/** A catch-up burst stays below this part of what the path holds, so that a queue of one BDP takes it … */
const CREDIT_RTT_PART_MAX = 0.5;
/** … or below this, half of the 64 KB of the shortest queues that are met, however short the path is. */
const CREDIT_BYTES_MIN = 32_768;

/** Below this round trip no timer can pace: loopback and one switch. Socket buffers hold what is sent after a stall. */
const LOCAL_RTT_MS_MAX = 1;
const CREDIT_LOCAL_MS = 10;
/** Less than a byte of debt is none: a wait computed from it must not end short of it for ever. */
const ROUNDING_BYTES = 1;

/** The rate and what bounds a burst. */
export interface PacingParameters {
  /** Infinity turns pacing off. */
  readonly bytesPerSecond: number;
  readonly maxDatagramBytes: number;
  readonly minRttMs: number;
  /** Datagrams that leave together at least, two unless told. */
  readonly trainPacketsMin?: number | undefined;
  /** Credit that a late driver may catch up with, in milliseconds; 4 unless told. */
  readonly catchUpMs?: number | undefined;
}

/**
 * Spreads packets over time: a token bucket on the caller's clock.
 *
 * The bucket may go into debt by one quantum, so that a train leaves whole; the debt is the wait. Unused credit is kept for
 * some milliseconds (half a round trip on short paths): a driver that wakes up late still reaches the rate in the long run.
 */
export class Pacer {
  // RUDP-PACE-4
  #bytesPerMs = Number.POSITIVE_INFINITY;
  #creditBytes = 0;
  #creditBytesMax = 0;
  #creditMs = CREDIT_MS_DEFAULT;
  /** When it has last told that packets may leave again; undefined when nobody was told to wait. */
  #promisedAtMs: number | undefined;
  #quantumBytes = QUANTUM_BYTES_MAX;
  #updatedAtMs = Number.NEGATIVE_INFINITY;

  /** Bytes that may leave as one train. */
  get quantumBytes(): number {
    return this.#quantumBytes;
  }

  // RUDP-PACE-1, RUDP-PACE-2
  setRate(now: number, parameters: PacingParameters): void {
    invariant(parameters.bytesPerSecond > 0, 'a pacing rate is above 0');
    this.#refill(now);
    const { bytesPerSecond, maxDatagramBytes, minRttMs } = parameters;
    const minimum = (parameters.trainPacketsMin ?? QUANTUM_PACKETS_MIN) * maxDatagramBytes;
    this.#bytesPerMs = bytesPerSecond / 1000;
    const isLocal = minRttMs < LOCAL_RTT_MS_MAX;
    const shortMs = Math.max(QUANTUM_RTT_PART * minRttMs, QUANTUM_BYTES_SHORT / this.#bytesPerMs);
    const quantumMs = isLocal ? QUANTUM_MS : Math.min(QUANTUM_MS, shortMs);
    this.#quantumBytes = Math.max(minimum, Math.min(this.#bytesPerMs * quantumMs, QUANTUM_BYTES_MAX));
    const catchUpMs = parameters.catchUpMs ?? CREDIT_MS_DEFAULT;
    const harmlessMs = Math.max(CREDIT_RTT_PART_MAX * minRttMs, CREDIT_BYTES_MIN / this.#bytesPerMs);
    const creditMs = isLocal ? CREDIT_LOCAL_MS : Math.min(catchUpMs, harmlessMs);
    this.#creditMs = creditMs;
    this.#creditBytesMax = Math.max(this.#quantumBytes, this.#bytesPerMs * creditMs);
    this.#creditBytes = Math.min(this.#creditBytes, this.#creditBytesMax);
  }

  /** Bytes that may leave at `now`: 0 while the last train is being paid for. */
  // RUDP-PACE-3
  availableBytes(now: number): number {
    if (this.#bytesPerMs === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
    this.#refill(now);
    return this.#creditBytes > -ROUNDING_BYTES ? this.#creditBytes + this.#quantumBytes : 0;
  }

  /** The earliest time at which a train may leave: `now` or later. */
  nextSendAt(now: number): number {
    if (this.#bytesPerMs === Number.POSITIVE_INFINITY) return now;
    this.#refill(now);
    const dueAtMs = this.#creditBytes > -ROUNDING_BYTES ? now : now - this.#creditBytes / this.#bytesPerMs;
    this.#promisedAtMs = dueAtMs;
    return dueAtMs;
  }

  /** Whether whoever was told to wait has come back so late that some of the credit was lost: it sends less than the rate. */
  // RUDP-RATE-4
  takeLateness(now: number): boolean {
    const promisedAtMs = this.#promisedAtMs;
    this.#promisedAtMs = undefined;
    return promisedAtMs !== undefined && now - promisedAtMs > this.#creditMs;
  }

  onSent(now: number, bytes: number): void {
    if (this.#bytesPerMs === Number.POSITIVE_INFINITY) return;
    this.#refill(now);
    this.#creditBytes -= bytes;
  }

  #refill(now: number): void {
    if (now <= this.#updatedAtMs) return;
    const elapsedMs = now - this.#updatedAtMs;
    this.#updatedAtMs = now;
    if (this.#bytesPerMs === Number.POSITIVE_INFINITY) return;
    this.#creditBytes = Math.min(this.#creditBytesMax, this.#creditBytes + elapsedMs * this.#bytesPerMs);
  }
}
