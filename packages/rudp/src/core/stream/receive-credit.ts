/**
 * Round trips of data that the window holds: what arrives behind a hole waits for the repeat, and for the repeats of that when they are
 * lost too, while the sender should go on. One of 430 packets in flight is lost three times in a row every second where 5 % are, and
 * is there after four round trips, the grant takes another half, and rounds that brought less are no measure.
 */
const ROUND_TRIPS_HELD = 8;
/** Of a round trip this long the initial window is enough: 1 MiB is what 1 Gbit/s brings in it. */
const INITIAL_RTT_MS = 8;
/** Part of its cap that the window may have before the reader has shown anything. */
const UNPROVED_PART_MAX = 1 / 2;

/** Of a limited rate the window holds what comes in this time: less, and the timers of who limits it would be felt. */
export const LIMITED_WINDOW_MS = 100;
/** And in so many round trips: what is granted takes one to be used, and the reader of a limited rate takes what arrived in pieces. */
const LIMITED_ROUND_TRIPS = 2;

/** What flow control needs to know of the stream. */
interface ArrivedStream {
  readonly highestEnd: number;
  readonly readableBytes: number;
}

/**
 * A grant is worth a frame when it raises the last one by this part of the window. With a half, as is usual, only the other half holds what
 * waits behind a hole: 5 % of loss stopped the sender for a tenth of the time on a path of 200 ms and 500 Mbit/s.
 */
const RAISE_TOLD = 1 / 8;

/** The reader keeps up while what it could read and has not is at most this part of the window. */
const UNREAD_PART_MAX = 1 / 8;

/**
 * Flow control of the receiving half: how many stream bytes the peer may send. The window starts small and grows while the
 * reader keeps up, up to a hard cap: it doubles when half of it was consumed within two round trips (as in Chromium's QUIC and
 * quinn), and is at least eight times what arrives within one, so that losses, which stop the reader, do not stop the sender.
 */
export class ReceiveCredit {
  readonly #windowBytesMax: number;
  /** Infinite unless the reader limits itself. */
  readonly #bytesPerMsMax: number;
  #windowBytes: number;
  #maxData: number;
  #isPaused = false;
  /** When and where the reader began to consume the half of the window that tells how fast it is. */
  #halfBeganAtMs: number | undefined;
  #halfBeganAtEnd = 0;
  #roundStartMs = 0;
  #roundStartEnd = 0;

  /** With `bytesPerSecondMax` the reader takes no more than that, and is kept up with by a window that never grows by what came quickly. */
  constructor(options: {
    readonly windowBytesInitial: number;
    readonly windowBytesMax: number;
    readonly bytesPerSecondMax?: number;
  }) {
    this.#windowBytes = options.windowBytesInitial;
    this.#windowBytesMax = options.windowBytesMax;
    this.#bytesPerMsMax = (options.bytesPerSecondMax ?? Number.POSITIVE_INFINITY) / 1000;
    this.#maxData = options.windowBytesInitial;
  }

  /** The grant that the peer may rely on: the value of the last MAX-DATA, or of the handshake. */
  get maxData(): number {
    return this.#maxData;
  }

  get windowBytes(): number {
    return this.#windowBytes;
  }

  /** The handshake has told the round trip: who sends must not wait for the first grants, which take one as well. */
  // RUDP-FLOW-6
  fitTo(rttMs: number): void {
    if (this.#isLimited) {
      this.#fitToRate(rttMs);
      return;
    }
    const bytes = (this.#windowBytes * rttMs) / INITIAL_RTT_MS;
    this.#windowBytes = Math.max(
      this.#windowBytes,
      Math.floor(Math.min(bytes, this.#windowBytesMax * UNPROVED_PART_MAX)),
    );
  }

  /** While paused nothing more is granted. */
  set isPaused(value: boolean) {
    this.#isPaused = value;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** True when the reader has consumed so much, or the window has grown so much, that the peer should be told. */
  // RUDP-FLOW-4, RUDP-FLOW-7
  isUpdateDue(consumedEnd: number): boolean {
    const raisedBytes = consumedEnd + this.#windowBytes - this.#maxData;
    return !this.#isPaused && raisedBytes >= RAISE_TOLD * this.#windowBytes;
  }

  /** Stream bytes up to `highestEnd` have arrived; `readableBytes` of them wait for the reader. Called for each segment. */
  // RUDP-FLOW-5
  onArrival(now: number, stream: ArrivedStream, smoothedRttMs: number): void {
    if (this.#isLimited) {
      this.#fitToRate(smoothedRttMs);
      return;
    }
    const elapsedMs = now - this.#roundStartMs;
    if (elapsedMs <= 0 || elapsedMs < smoothedRttMs) return;
    // A round that lasted longer counts for less: the sender may have been idle in it.
    const arrivedBytes = (stream.highestEnd - this.#roundStartEnd) * (smoothedRttMs / elapsedMs);
    this.#roundStartMs = now;
    this.#roundStartEnd = stream.highestEnd;
    if (stream.readableBytes > this.#windowBytes * UNREAD_PART_MAX) return;
    this.#windowBytes = Math.min(
      Math.max(this.#windowBytes, Math.floor(ROUND_TRIPS_HELD * arrivedBytes)),
      this.#windowBytesMax,
    );
  }

  /** Raises the grant, and the window when half of it was consumed quickly; returns the value to send. */
  grant(now: number, consumedEnd: number, smoothedRttMs: number): number {
    if (consumedEnd - this.#halfBeganAtEnd >= this.#windowBytes / 2) {
      const isFast = this.#halfBeganAtMs !== undefined && now - this.#halfBeganAtMs < 2 * smoothedRttMs;
      if (isFast && !this.#isLimited)
        this.#windowBytes = Math.min(2 * this.#windowBytes, this.#windowBytesMax);
      this.#halfBeganAtMs = now;
      this.#halfBeganAtEnd = consumedEnd;
    }
    this.#maxData = Math.max(this.#maxData, consumedEnd + this.#windowBytes);
    return this.#maxData;
  }

  // RUDP-FLOW-8
  #fitToRate(rttMs: number): void {
    const bytes = Math.floor(this.#bytesPerMsMax * (LIMITED_WINDOW_MS + LIMITED_ROUND_TRIPS * rttMs));
    this.#windowBytes = Math.min(Math.max(this.#windowBytes, bytes), this.#windowBytesMax);
  }

  get #isLimited(): boolean {
    return this.#bytesPerMsMax !== Number.POSITIVE_INFINITY;
  }
}
