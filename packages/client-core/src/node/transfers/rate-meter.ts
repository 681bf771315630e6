interface Sample {
  readonly at: number;
  readonly bytes: number;
}

/** Long enough to be steady to the eye, short enough to follow a pause. */
const WINDOW_MS = 2_000;

/** Bytes per second over the last two seconds. Time comes in as milliseconds of one clock. */
export class RateMeter {
  readonly #samples: Sample[] = [];

  /** Notes that `totalBytes` had arrived by `now`, and returns the rate. */
  record(now: number, totalBytes: number): number {
    this.#samples.push({ at: now, bytes: totalBytes });
    // One sample older than the window is kept: the rate is measured against it.
    while ((this.#samples[1]?.at ?? now) <= now - WINDOW_MS) this.#samples.shift();
    const oldest = this.#samples[0];
    if (oldest === undefined || oldest.at === now) return 0;
    return ((totalBytes - oldest.bytes) * 1000) / (now - oldest.at);
  }
}
