/**
 * A set of integers kept as sorted, disjoint, non-touching half-open ranges `[start, end)`.
 * Packet numbers received, packet numbers acknowledged, stream bytes lost: all are range sets.
 */
export class RangeSet {
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];

  /** Number of disjoint ranges. */
  get count(): number {
    return this.#starts.length;
  }

  get isEmpty(): boolean {
    return this.#starts.length === 0;
  }

  startAt(index: number): number {
    return this.#starts[index] as number;
  }

  endAt(index: number): number {
    return this.#ends[index] as number;
  }

  has(value: number): boolean {
    const index = this.#firstEndingAfter(value);
    return index < this.count && this.startAt(index) <= value;
  }

  /** Adds `[start, end)` and merges what touches it. */
  add(start: number, end: number): void {
    if (start >= end) return;
    const last = this.count - 1;
    // The common case, the last range grows, costs no search and makes no arrays.
    if (last >= 0 && start >= this.startAt(last) && start <= this.endAt(last)) {
      this.#ends[last] = Math.max(end, this.endAt(last));
      return;
    }
    const first = this.#firstEndingAfter(start - 1);
    let behind = first;
    let mergedStart = start;
    let mergedEnd = end;
    while (behind < this.count && this.startAt(behind) <= end) {
      mergedStart = Math.min(mergedStart, this.startAt(behind));
      mergedEnd = Math.max(mergedEnd, this.endAt(behind));
      behind += 1;
    }
    // What one range takes in makes no arrays: acknowledgements say the same again and again.
    if (behind === first + 1) {
      this.#starts[first] = mergedStart;
      this.#ends[first] = mergedEnd;
      return;
    }
    this.#starts.splice(first, behind - first, mergedStart);
    this.#ends.splice(first, behind - first, mergedEnd);
  }

  /** Removes every value of `[start, end)`. */
  remove(start: number, end: number): void {
    if (start >= end || this.isEmpty) return;
    const first = this.#firstEndingAfter(start);
    // Nothing to remove is the common case, and costs no arrays.
    if (first === this.count || this.startAt(first) >= end) return;
    // As is taking away the low end of one range.
    if (start <= this.startAt(first) && end < this.endAt(first)) {
      this.#starts[first] = end;
      return;
    }
    let behind = first;
    const keptStarts: number[] = [];
    const keptEnds: number[] = [];
    while (behind < this.count && this.startAt(behind) < end) {
      if (this.startAt(behind) < start) {
        keptStarts.push(this.startAt(behind));
        keptEnds.push(start);
      }
      if (this.endAt(behind) > end) {
        keptStarts.push(end);
        keptEnds.push(this.endAt(behind));
      }
      behind += 1;
    }
    this.#starts.splice(first, behind - first, ...keptStarts);
    this.#ends.splice(first, behind - first, ...keptEnds);
  }

  /** Calls `visit` for each maximal part of `[start, end)` that is not in the set, in ascending order. */
  forEachMissing(start: number, end: number, visit: (start: number, end: number) => void): void {
    let from = start;
    for (
      let index = this.#firstEndingAfter(start);
      index < this.count && this.startAt(index) < end;
      index += 1
    ) {
      if (from < this.startAt(index)) visit(from, this.startAt(index));
      from = this.endAt(index);
    }
    if (from < end) visit(from, end);
  }

  /** Drops the range at the low end. */
  removeFirst(): void {
    this.#starts.shift();
    this.#ends.shift();
  }

  /** Index of the first range whose end lies behind `value`; `count` when there is none. */
  #firstEndingAfter(value: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.endAt(middle) > value) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
