/** Timed items in the order of their times. Most are pushed in that order. */
export class TimedQueue<Item> {
  #items: { readonly at: number; readonly item: Item }[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  /** Time of the first item; Infinity when there is none. */
  get nextAt(): number {
    return this.#items[this.#head]?.at ?? Number.POSITIVE_INFINITY;
  }

  push(at: number, item: Item): void {
    let index = this.#items.length;
    while (index > this.#head && (this.#items[index - 1]?.at ?? at) > at) index -= 1;
    if (index === this.#items.length) this.#items.push({ at, item });
    else this.#items.splice(index, 0, { at, item });
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
