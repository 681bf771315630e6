import { EventQueue } from '@parley/netsim';

/** Milliseconds on a monotonic clock. */
export function monotonicNow(): number {
  return performance.now();
}

/** Calls back with each item when its time has come: one timer for all of them, up to a millisecond late. */
export class DeliveryTimer<Item> {
  readonly #deliver: (item: Item) => void;
  readonly #queue = new EventQueue<Item>();
  #timer: NodeJS.Timeout | undefined;
  #armedForMs = Number.POSITIVE_INFINITY;

  constructor(deliver: (item: Item) => void) {
    this.#deliver = deliver;
  }

  /** How many items wait. */
  get length(): number {
    return this.#queue.length;
  }

  /** Delivers an item at a time; what is due already is delivered at once, unless others wait that were due before it. */
  add(atMs: number, item: Item): void {
    this.#queue.push(atMs, item);
    this.#deliverDue();
  }

  /** Forgets what waits. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (this.#queue.length > 0) this.#queue.pop();
  }

  #deliverDue(): void {
    const now = monotonicNow();
    let nextAtMs = this.#queue.nextAtMs;
    while (nextAtMs !== undefined && nextAtMs <= now) {
      this.#deliver(this.#queue.pop() as Item);
      nextAtMs = this.#queue.nextAtMs;
    }
    this.#arm(nextAtMs, now);
  }

  #arm(nextAtMs: number | undefined, now: number): void {
    if (nextAtMs === undefined || (this.#timer !== undefined && this.#armedForMs <= nextAtMs)) return;
    clearTimeout(this.#timer);
    this.#armedForMs = nextAtMs;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#deliverDue();
    }, nextAtMs - now);
  }
}
