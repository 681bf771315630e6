import { EventQueue, VirtualClock } from '@parley/netsim';

/** More events than this in one run are an endless loop. */
const EVENTS_MAX = 3_000_000;

/** Unix time at the start of virtual time, in milliseconds. */
export const START_TIME = 1_700_000_000_000;

/** Virtual time, and what is to happen in it. */
export class World {
  readonly #clock = new VirtualClock();
  readonly #queue = new EventQueue<() => void>();
  readonly #lines: string[] | undefined;
  #eventCount = 0;

  constructor(options: { readonly isTraced: boolean }) {
    this.#lines = options.isTraced ? [] : undefined;
  }

  get now(): number {
    return this.#clock.now;
  }

  /** What was logged, if the run is traced. */
  get lines(): readonly string[] {
    return this.#lines ?? [];
  }

  /** Has something happen later; things of the same time happen in the order in which they were asked for. */
  after(delayMs: number, action: () => void): void {
    this.#queue.push(this.now + Math.max(0, delayMs), action);
  }

  /** Lets time pass until `endMs`. */
  run(endMs: number): void {
    while (this.step(endMs));
  }

  /** Lets the next thing happen that is due by `endMs`; false when there is none, and the time has come. */
  step(endMs: number): boolean {
    const atMs = this.#queue.nextAtMs;
    if (atMs === undefined || atMs > endMs) {
      this.#clock.advanceTo(endMs);
      return false;
    }
    this.#eventCount += 1;
    if (this.#eventCount > EVENTS_MAX) throw new Error(`more than ${EVENTS_MAX} events: an endless loop`);
    this.#clock.advanceTo(atMs);
    this.#queue.pop()?.();
    return true;
  }

  /** Adds a line to the trace. The text is made only when somebody will read it. */
  log(text: () => string): void {
    this.#lines?.push(`${this.now.toFixed(3)} ms  ${text()}`);
  }
}
