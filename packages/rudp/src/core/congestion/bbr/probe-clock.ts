/** Rounds between two probes: random, so that flows do not probe together. */
const ROUNDS_MIN = 8;
const ROUNDS_SPREAD = 8;
/** On short paths, at least this long: probes cost queueing. */
const INTERVAL_MS_MIN = 250;
/** The second one follows sooner, each next one after twice the time: what a stall has kept startup from finding is found at once. */
const INTERVAL_MS_FIRST = 30;

/** Tells when it is time to look for more bandwidth. */
// RUDP-CC-7
export class ProbeClock {
  #rounds = ROUNDS_MIN;
  #startedAtMs = 0;
  #startedRound = 0;
  #intervalMs = INTERVAL_MS_FIRST / 2;

  /** Starts the wait for the next probe; `chance` is uniform in [0, 1). */
  start(now: number, round: number, chance: number): void {
    this.#intervalMs = Math.min(2 * this.#intervalMs, INTERVAL_MS_MIN);
    this.#startedAtMs = now;
    this.#startedRound = round;
    this.#rounds = ROUNDS_MIN + ROUNDS_SPREAD * chance;
  }

  /** A probe has found more, and there may be more still: the waits begin anew. */
  hasten(): void {
    this.#intervalMs = INTERVAL_MS_FIRST / 2;
  }

  /** Rounds last longer in a queue of others; who would wait for as many of them as for empty ones would never get a share of it. */
  isDue(now: number, round: number, minRttMs: number): boolean {
    const elapsedMs = now - this.#startedAtMs;
    if (elapsedMs < this.#intervalMs) return false;
    return round - this.#startedRound >= this.#rounds || elapsedMs >= this.#rounds * minRttMs;
  }
}
