/** A queue of timed items whose times never fall. */
export class Fifo<Item> {
  #items: { readonly at: number; readonly item: Item }[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  /** Time of the first item; Infinity when there is none. */
  get nextAt(): number {
    return this.#items[this.#head]?.at ?? Number.POSITIVE_INFINITY;
  }

  /** Adds an item, not before the one ahead of it. */
  push(at: number, item: Item): void {
    const last = this.length > 0 ? this.#items[this.#items.length - 1] : undefined;
    this.#items.push({ at: Math.max(at, last?.at ?? at), item });
  }

  shift(): Item {
    const first = this.#items[this.#head];
    if (first === undefined) throw new Error('expected an item, the queue is empty');
    this.#head += 1;
    if (this.#head > 4096) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return first.item;
  }
}
