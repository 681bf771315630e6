/** Something that has a deadline. The queue keeps its place in it. */
export interface Deadlined {
  /** Absolute time, written by the queue only. */
  deadline: number;
  /** Place in the queue's heap, −1 when absent; written by the queue only. */
  deadlineIndex: number;
}

/** Items by their deadlines, the earliest first. Adding, moving and removing cost O(log n). A binary heap. */
export class DeadlineQueue<Item extends Deadlined> {
  readonly #heap: Item[] = [];

  get size(): number {
    return this.#heap.length;
  }

  /** The earliest deadline. */
  get next(): number | undefined {
    return this.#heap[0]?.deadline;
  }

  /** Gives an item its deadline, or another one. */
  schedule(item: Item, deadline: number): void {
    item.deadline = deadline;
    if (item.deadlineIndex < 0) item.deadlineIndex = this.#heap.push(item) - 1;
    this.#settle(item.deadlineIndex);
  }

  /** Forgets an item; one that is not there is ignored. */
  remove(item: Item): void {
    const index = item.deadlineIndex;
    if (index < 0) return;
    item.deadlineIndex = -1;
    const last = this.#heap.pop() as Item;
    if (last === item) return;
    this.#put(last, index);
    this.#settle(index);
  }

  /** The item whose deadline is the earliest of those that have come; it stays in the queue. */
  due(now: number): Item | undefined {
    const first = this.#heap[0];
    return first !== undefined && first.deadline <= now ? first : undefined;
  }

  #settle(start: number): void {
    let index = start;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#isBefore(index, parent)) break;
      this.#swap(index, parent);
      index = parent;
    }
    for (;;) {
      const left = 2 * index + 1;
      const right = left + 1;
      let first = index;
      if (left < this.#heap.length && this.#isBefore(left, first)) first = left;
      if (right < this.#heap.length && this.#isBefore(right, first)) first = right;
      if (first === index) return;
      this.#swap(index, first);
      index = first;
    }
  }

  #isBefore(left: number, right: number): boolean {
    return this.#at(left).deadline < this.#at(right).deadline;
  }

  #swap(left: number, right: number): void {
    const item = this.#at(left);
    this.#put(this.#at(right), left);
    this.#put(item, right);
  }

  #put(item: Item, index: number): void {
    this.#heap[index] = item;
    item.deadlineIndex = index;
  }

  #at(index: number): Item {
    return this.#heap[index] as Item;
  }
}
