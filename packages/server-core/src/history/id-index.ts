/**
 * Which places of a table have which hash: chains through two arrays of numbers, so that a million places are nothing that
 * the garbage collector looks at. Places are numbers from 0 up to the capacity.
 */
export class IdIndex {
  /** Of each hash the place that came last, plus one; 0 for none. */
  readonly #heads: Int32Array;
  /** Of each place the one before it of the same hash, in the same manner. */
  readonly #nexts: Int32Array;
  readonly #mask: number;

  /** `capacity` is a power of two. */
  constructor(capacity: number) {
    this.#heads = new Int32Array(capacity);
    this.#nexts = new Int32Array(capacity);
    this.#mask = capacity - 1;
  }

  /** A place that may be the one that is looked for, −1 when there is none; `next` gives others. */
  first(hash: number): number {
    return (this.#heads[hash & this.#mask] as number) - 1;
  }

  next(place: number): number {
    return (this.#nexts[place] as number) - 1;
  }

  add(hash: number, place: number): void {
    const at = hash & this.#mask;
    this.#nexts[place] = this.#heads[at] as number;
    this.#heads[at] = place + 1;
  }

  /** Takes a place out that was added with this hash. */
  remove(hash: number, place: number): void {
    const at = hash & this.#mask;
    const after = this.#nexts[place] as number;
    let one = this.first(hash);
    if (one === place) {
      this.#heads[at] = after;
      return;
    }
    while (this.next(one) !== place) one = this.next(one);
    this.#nexts[one] = after;
  }
}
