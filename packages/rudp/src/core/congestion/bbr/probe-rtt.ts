/** How long the path is kept nearly empty: flows with different RTTs have to meet (the draft has 200 ms; half of it finds as much here). */
const DURATION_MS = 100;

/** One search for the minimum RTT: empty three quarters of the pipe, stay there, take the smallest sample. */
// RUDP-CC-9
export class ProbeRtt {
  #endsAtMs = Number.POSITIVE_INFINITY;
  #rttMsMin = Number.POSITIVE_INFINITY;

  /** The smallest sample so far. */
  get rttMsMin(): number {
    return this.#rttMsMin;
  }

  /** Whether the pipe is as empty as that, so that the time runs. */
  get isDown(): boolean {
    return this.#endsAtMs !== Number.POSITIVE_INFINITY;
  }

  update(rttMs: number): void {
    this.#rttMsMin = Math.min(this.#rttMsMin, rttMs);
  }

  startTime(now: number): void {
    this.#endsAtMs = now + DURATION_MS;
  }

  isOver(now: number): boolean {
    return now >= this.#endsAtMs;
  }
}
