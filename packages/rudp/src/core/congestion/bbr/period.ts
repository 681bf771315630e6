/** Rounds shorter than this are judged together: a stalled event loop is no congestion. */
const PERIOD_MS_MIN = 12;
/** Fewer packets than this tell too little, unless they took this many rounds. */
const PERIOD_PACKETS_MIN = 40;
const PERIOD_ROUNDS_MAX = 8;

/** One or more whole round trips that are judged together. */
export class Period {
  readonly #startedAtMs: number;
  readonly #startedRound: number;
  #bandwidth = 0;

  constructor(now: number, round: number) {
    this.#startedAtMs = now;
    this.#startedRound = round;
  }

  /** The largest averaged delivery rate of the period. */
  get bandwidth(): number {
    return this.#bandwidth;
  }

  ageMs(now: number): number {
    return now - this.#startedAtMs;
  }

  update(bandwidth: number): void {
    this.#bandwidth = Math.max(this.#bandwidth, bandwidth);
  }

  /** Whether the period tells more than chance does. */
  isConclusive(now: number, round: number, packets: number): boolean {
    if (now - this.#startedAtMs < PERIOD_MS_MIN) return false;
    return packets >= PERIOD_PACKETS_MIN || round - this.#startedRound >= PERIOD_ROUNDS_MAX;
  }
}
