import { invariant } from './invariant.ts';

/**
 * Bytes of a stream, addressed by their stream offset: the memory behind a sliding window. It holds the window
 * `[base, base + capacity)` and grows by doubling when asked; the caller knows which bytes in it are valid. It takes no memory
 * before the first byte: most connections use one direction only, and a half-open one neither.
 */
export class RingBuffer {
  readonly #capacityInitial: number;
  #bytes = new Uint8Array(0);
  #base = 0;

  constructor(capacityInitial: number) {
    this.#capacityInitial = capacityInitial;
  }

  get capacity(): number {
    return this.#bytes.length;
  }

  /** Lowest offset that is held. */
  get base(): number {
    return this.#base;
  }

  /** Slides the window up; what lies below `base` is gone. */
  advanceTo(base: number): void {
    invariant(base >= this.#base, 'a window slides up only');
    this.#base = base;
  }

  /** Makes room for offsets below `end`. */
  ensure(end: number): void {
    const needed = end - this.#base;
    if (needed <= this.#bytes.length) return;
    let capacity = Math.max(this.#bytes.length, this.#capacityInitial);
    while (capacity < needed) capacity *= 2;
    const larger = new Uint8Array(capacity);
    const held = this.#bytes.length;
    for (let offset = this.#base; offset < this.#base + held; ) {
      const from = offset % held;
      const to = offset % capacity;
      const count = Math.min(held - from, capacity - to, this.#base + held - offset);
      larger.set(this.#bytes.subarray(from, from + count), to);
      offset += count;
    }
    this.#bytes = larger;
  }

  /** Stores `source` at `offset`; the window must hold it. */
  write(offset: number, source: Uint8Array): void {
    invariant(
      offset >= this.#base && offset + source.length <= this.#base + this.#bytes.length,
      'write outside of the window',
    );
    const at = offset % this.#bytes.length;
    const first = Math.min(source.length, this.#bytes.length - at);
    if (first === source.length) {
      this.#bytes.set(source, at);
      return;
    }
    this.#bytes.set(source.subarray(0, first), at);
    this.#bytes.set(source.subarray(first), 0);
  }

  /** Copies `length` bytes from `offset` to `target[targetAt…]`. */
  read(offset: number, length: number, target: Uint8Array, targetAt: number): void {
    invariant(
      offset >= this.#base && offset + length <= this.#base + this.#bytes.length,
      'read outside of the window',
    );
    const at = offset % this.#bytes.length;
    const first = Math.min(length, this.#bytes.length - at);
    target.set(this.#bytes.subarray(at, at + first), targetAt);
    if (first < length) target.set(this.#bytes.subarray(0, length - first), targetAt + first);
  }
}
