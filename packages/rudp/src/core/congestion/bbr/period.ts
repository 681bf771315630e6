/** Rounds shorter than this are judged together: a stalled event loop is no congestion. */
const periodMsMin = 12;
/** Fewer packets than this tell too little, unless they took this many rounds. */
const periodPacketsMin = 40;
const periodRoundsMax = 8;

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
    if (now - this.#startedAtMs < periodMsMin) return false;
    return packets >= periodPacketsMin || round - this.#startedRound >= periodRoundsMax;
  }
}
