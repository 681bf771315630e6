/** Time over which wake-ups are counted, in milliseconds: a program that waits for the processor reads several at once now and then. */
const WINDOW_MS = 64;
/** Wake-ups of a window below which reading at once costs less than a timer. */
const WAKES_MIN = 64;
/** Round trips for which it has to stay busy: a start measures the path by when packets arrive. */
const BUSY_ROUND_TRIPS_MIN = 10;
/** And at least so long, in milliseconds. */
const BUSY_MS_MIN = 100;
/** Datagrams wait for so small a part of the round trip … */
const ROUND_TRIP_PART = 1 / 16;
/** … or for this long, timers of Node being no finer, where a round trip takes at least so long. */
const INTERVAL_MS_MIN = 1;
const ROUND_TRIP_MS_MIN = 2;
/** Longer intervals save little, and socket buffers have to hold what comes within one. */
const INTERVAL_MS_MAX = 2;
/** Reads of an interval, on average, above which datagrams come in batches anyway, or the socket's buffer is too small for a pause. */
const READS_MAX = 96;
/** Intervals after which it is asked again whether they pay. */
const REVIEW_INTERVALS = 16;

/**
 * Whether a socket wakes its reader for each datagram, or is read at intervals, as network cards do under load (interrupt
 * moderation): a turn of the event loop costs several times what a datagram does. Pure: whoever owns the socket tells it of
 * wake-ups and reads. `roundTripMs` tells the shortest round trip of those who wait for what arrives; Infinity when it is not known.
 */
export class ReceiveModeration {
  readonly #roundTripMs: () => number;
  #windowStartMs = Number.NEGATIVE_INFINITY;
  #wakes = 0;
  /** When the first of the busy windows in a row began. */
  #busySinceMs: number | undefined;
  #intervals = 0;
  #reads = 0;

  constructor(roundTripMs: () => number) {
    this.#roundTripMs = roundTripMs;
  }

  /** A datagram has woken the reader. Returns the interval at which to read from now on, in milliseconds; undefined to go on so. */
  handleWake(now: number): number | undefined {
    this.#wakes += 1;
    const elapsedMs = now - this.#windowStartMs;
    if (elapsedMs < WINDOW_MS) return undefined;
    // A window ends with the first wake-up behind it: after a pause the rate is low.
    const isBusy = (this.#wakes * WINDOW_MS) / elapsedMs >= WAKES_MIN;
    this.#busySinceMs = isBusy ? (this.#busySinceMs ?? this.#windowStartMs) : undefined;
    this.#windowStartMs = now;
    this.#wakes = 0;
    if (this.#busySinceMs === undefined || now - this.#busySinceMs < BUSY_MS_MIN) return undefined;
    const roundTripMs = this.#roundTripMs();
    const intervalMs = intervalMsOver(roundTripMs);
    if (intervalMs === undefined || now - this.#busySinceMs < BUSY_ROUND_TRIPS_MIN * roundTripMs)
      return undefined;
    this.#busySinceMs = undefined;
    this.#intervals = 0;
    this.#reads = 0;
    return intervalMs;
  }

  /** An interval is over, and took so many reads. False when each datagram is to wake the reader again. */
  handleInterval(reads: number): boolean {
    this.#intervals += 1;
    this.#reads += reads;
    if (this.#intervals < REVIEW_INTERVALS) return true;
    const average = this.#reads / this.#intervals;
    const isWorthIt =
      average >= 1 && average <= READS_MAX && intervalMsOver(this.#roundTripMs()) !== undefined;
    this.#intervals = 0;
    this.#reads = 0;
    return isWorthIt;
  }
}

/** How long datagrams may wait over such a path; undefined where that is too short for a timer. */
function intervalMsOver(roundTripMs: number): number | undefined {
  if (roundTripMs < ROUND_TRIP_MS_MIN) return undefined;
  const partMs = Math.floor(roundTripMs * ROUND_TRIP_PART);
  return Math.max(INTERVAL_MS_MIN, Math.min(partMs, INTERVAL_MS_MAX));
}
