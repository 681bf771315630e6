/** A binary heap of items by deadline; an item's deadline can change in place. For thousands of connections on one endpoint. */
export class DeadlineQueue<Item> {
  readonly #items: Item[] = [];
  readonly #deadlines: number[] = [];
  readonly #positions = new Map<Item, number>();

  /** The earliest deadline. */
  get earliest(): number | undefined {
    return this.#deadlines[0];
  }

  /** Sets, moves or, with undefined, removes an item's deadline. */
  set(item: Item, deadline: number | undefined): void {
    const position = this.#positions.get(item);
    if (position === undefined) {
      if (deadline !== undefined) this.#insert(item, deadline);
      return;
    }
    if (deadline === undefined) {
      this.#removeAt(position);
      return;
    }
    if (this.#deadlines[position] === deadline) return;
    this.#deadlines[position] = deadline;
    this.#restore(position);
  }

  /** Removes and returns an item whose deadline is at or before `now`. */
  takeDue(now: number): Item | undefined {
    const earliest = this.#deadlines[0];
    if (earliest === undefined || earliest > now) return undefined;
    const item = this.#items[0] as Item;
    this.#removeAt(0);
    return item;
  }

  #insert(item: Item, deadline: number): void {
    this.#items.push(item);
    this.#deadlines.push(deadline);
    this.#positions.set(item, this.#items.length - 1);
    this.#siftUp(this.#items.length - 1);
  }

  #removeAt(position: number): void {
    const last = this.#items.length - 1;
    this.#positions.delete(this.#items[position] as Item);
    const item = this.#items.pop() as Item;
    const deadline = this.#deadlines.pop() as number;
    if (position === last) return;
    this.#place(position, item, deadline);
    this.#restore(position);
  }

  #restore(position: number): void {
    this.#siftDown(this.#siftUp(position));
  }

  #siftUp(from: number): number {
    let position = from;
    while (position > 0) {
      const parent = (position - 1) >> 1;
      if ((this.#deadlines[parent] as number) <= (this.#deadlines[position] as number)) break;
      this.#swap(parent, position);
      position = parent;
    }
    return position;
  }

  #siftDown(from: number): void {
    let position = from;
    for (;;) {
      const left = 2 * position + 1;
      if (left >= this.#items.length) return;
      const right = left + 1;
      const isRightEarlier =
        right < this.#items.length && (this.#deadlines[right] as number) < (this.#deadlines[left] as number);
      const child = isRightEarlier ? right : left;
      if ((this.#deadlines[position] as number) <= (this.#deadlines[child] as number)) return;
      this.#swap(position, child);
      position = child;
    }
  }

  #swap(left: number, right: number): void {
    const item = this.#items[left] as Item;
    const deadline = this.#deadlines[left] as number;
    this.#place(left, this.#items[right] as Item, this.#deadlines[right] as number);
    this.#place(right, item, deadline);
  }

  #place(position: number, item: Item, deadline: number): void {
    this.#items[position] = item;
    this.#deadlines[position] = deadline;
    this.#positions.set(item, position);
  }
}
