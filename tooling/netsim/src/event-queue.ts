interface Entry<Item> {
  readonly atMs: number;
  readonly order: number;
  readonly item: Item;
}

/** What is to happen, by time; items of the same time come out in the order they went in. A binary heap. */
export class EventQueue<Item> {
  readonly #heap: Entry<Item>[] = [];
  #pushed = 0;

  /** How many items wait. */
  get length(): number {
    return this.#heap.length;
  }

  /** The time of the next item, undefined when there is none. */
  get nextAtMs(): number | undefined {
    return this.#heap[0]?.atMs;
  }

  /** Adds an item at its time. */
  push(atMs: number, item: Item): void {
    if (Number.isNaN(atMs)) throw new RangeError('expected a time in milliseconds, got NaN');
    const heap = this.#heap;
    const entry: Entry<Item> = { atMs, order: this.#pushed++, item };
    let index = heap.length;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex] as Entry<Item>;
      if (isBefore(parent, entry)) break;
      heap[index] = parent;
      index = parentIndex;
    }
    heap[index] = entry;
  }

  /** The next item without removing it, undefined when there is none. */
  peek(): Item | undefined {
    return this.#heap[0]?.item;
  }

  /** Removes and returns the next item, undefined when there is none. */
  pop(): Item | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first?.item;
    let index = 0;
    for (;;) {
      let childIndex = 2 * index + 1;
      let child = heap[childIndex];
      if (child === undefined) break;
      const right = heap[childIndex + 1];
      if (right !== undefined && isBefore(right, child)) {
        child = right;
        childIndex++;
      }
      if (isBefore(last, child)) break;
      heap[index] = child;
      index = childIndex;
    }
    heap[index] = last;
    return first.item;
  }
}

function isBefore(left: Entry<unknown>, right: Entry<unknown>): boolean {
  return left.atMs < right.atMs || (left.atMs === right.atMs && left.order < right.order);
}
