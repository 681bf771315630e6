/**
 * Flow control of the receiving half: how many stream bytes the peer may send. The window starts small and doubles while
 * the reader consumes half of it within two round trips, up to a hard cap (the auto-tuning of Chromium's QUIC and quinn).
 */
export class ReceiveCredit {
  readonly #windowBytesMax: number;
  #windowBytes: number;
  #maxData: number;
  #isPaused = false;
  #grantedAtMs: number | undefined;

  constructor(options: { windowBytesInitial: number; windowBytesMax: number }) {
    this.#windowBytes = options.windowBytesInitial;
    this.#windowBytesMax = options.windowBytesMax;
    this.#maxData = options.windowBytesInitial;
  }

  /** The grant that the peer may rely on: the value of the last MAX-DATA, or of the handshake. */
  get maxData(): number {
    return this.#maxData;
  }

  get windowBytes(): number {
    return this.#windowBytes;
  }

  /** While paused nothing more is granted. */
  set isPaused(value: boolean) {
    this.#isPaused = value;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** True when the reader has consumed so much that the peer should be told. */
  // RUDP-FLOW-4
  isUpdateDue(consumedEnd: number): boolean {
    return !this.#isPaused && this.#maxData - consumedEnd <= this.#windowBytes / 2;
  }

  /** Raises the grant, and the window when the last grant was used up quickly; returns the value to send. */
  grant(now: number, consumedEnd: number, smoothedRttMs: number): number {
    const isFast = this.#grantedAtMs !== undefined && now - this.#grantedAtMs < 2 * smoothedRttMs;
    if (isFast) this.#windowBytes = Math.min(2 * this.#windowBytes, this.#windowBytesMax);
    this.#grantedAtMs = now;
    this.#maxData = Math.max(this.#maxData, consumedEnd + this.#windowBytes);
    return this.#maxData;
  }
}
