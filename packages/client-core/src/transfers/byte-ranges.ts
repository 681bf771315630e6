import type { ByteRange } from '@parley/protocol';

/** A set of bytes, kept as the ranges that hold them: in ascending order, none empty, none touching another. */
export class ByteRanges {
  readonly #starts: number[] = [];
  readonly #ends: number[] = [];
  #totalBytes = 0;

  /** How many bytes are in the set. */
  get totalBytes(): number {
    return this.#totalBytes;
  }

  /** Whether every byte from `start` up to, but without, `end` is in the set. */
  covers(start: number, end: number): boolean {
    if (start >= end) return true;
    const index = this.#firstEndingFrom(start + 1);
    return index < this.#starts.length && this.#startAt(index) <= start && end <= this.#endAt(index);
  }

  add(start: number, end: number): void {
    if (start >= end) return;
    const first = this.#firstEndingFrom(start);
    let last = first;
    let joined = { start, end };
    // What overlaps or touches becomes one range.
    while (last < this.#starts.length && this.#startAt(last) <= end) {
      joined = {
        start: Math.min(joined.start, this.#startAt(last)),
        end: Math.max(joined.end, this.#endAt(last)),
      };
      last += 1;
    }
    this.#replace(first, last, [joined]);
  }

  remove(start: number, end: number): void {
    if (start >= end) return;
    const first = this.#firstEndingFrom(start + 1);
    let last = first;
    const rest: ByteRange[] = [];
    while (last < this.#starts.length && this.#startAt(last) < end) {
      if (this.#startAt(last) < start) rest.push({ start: this.#startAt(last), end: start });
      if (this.#endAt(last) > end) rest.push({ start: end, end: this.#endAt(last) });
      last += 1;
    }
    this.#replace(first, last, rest);
  }

  clear(): void {
    this.#replace(0, this.#starts.length, []);
  }

  /** What is not in the set of the bytes below `size`: the first `countMax` ranges of it. */
  missing(size: number, countMax: number): ByteRange[] {
    const missing: ByteRange[] = [];
    let position = 0;
    for (let index = 0; index < this.#starts.length && missing.length < countMax; index += 1) {
      const start = Math.min(this.#startAt(index), size);
      if (position < start) missing.push({ start: position, end: start });
      position = this.#endAt(index);
    }
    if (position < size && missing.length < countMax) missing.push({ start: position, end: size });
    return missing;
  }

  /** The first range that ends at `position` or later. */
  #firstEndingFrom(position: number): number {
    // Bytes come in order, mostly: the last range is the one.
    let low = 0;
    let high = this.#ends.length;
    if (high > 1 && this.#endAt(high - 2) < position) low = high - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#endAt(middle) >= position) high = middle;
      else low = middle + 1;
    }
    return low;
  }

  #replace(first: number, last: number, ranges: readonly ByteRange[]): void {
    for (let index = first; index < last; index += 1) {
      this.#totalBytes -= this.#endAt(index) - this.#startAt(index);
    }
    for (const { start, end } of ranges) this.#totalBytes += end - start;
    const [only] = ranges;
    if (last - first === 1 && ranges.length === 1 && only !== undefined) {
      this.#starts[first] = only.start;
      this.#ends[first] = only.end;
      return;
    }
    this.#starts.splice(first, last - first, ...ranges.map(({ start }) => start));
    this.#ends.splice(first, last - first, ...ranges.map(({ end }) => end));
  }

  #startAt(index: number): number {
    return this.#starts[index] as number;
  }

  #endAt(index: number): number {
    return this.#ends[index] as number;
  }
}
