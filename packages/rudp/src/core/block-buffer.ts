import { invariant } from './invariant.ts';

/** Gives memory whose content does not matter. */
export type AllocateBytes = (byteLength: number) => Uint8Array;

/** Large enough to make the cost of a block vanish, small enough for a connection that gets a few bytes. */
const blockBytes = 65_536;

/**
 * Bytes of a stream, addressed by their stream offset, in blocks that are given away: who takes bytes gets the memory that they
 * lie in, so that they are copied once, when they arrive. It takes no memory before the first byte, and none for a hole that
 * spans a block; the caller knows which bytes are valid.
 */
export class BlockBuffer {
  readonly #allocate: AllocateBytes;
  readonly #blocks = new Map<number, Uint8Array>();
  /** Most bytes go where the last ones went. */
  #lastIndex = -1;
  #last: Uint8Array = new Uint8Array(0);

  constructor(allocate: AllocateBytes) {
    this.#allocate = allocate;
  }

  /** Memory that is held. */
  get capacity(): number {
    return this.#blocks.size * blockBytes;
  }

  /** Stores `source` at `offset`, behind everything that was taken. */
  write(offset: number, source: Uint8Array): void {
    for (let at = 0; at < source.length; ) {
      const index = Math.floor((offset + at) / blockBytes);
      const start = offset + at - index * blockBytes;
      const count = Math.min(source.length - at, blockBytes - start);
      const part = count === source.length ? source : source.subarray(at, at + count);
      this.#blockAt(index).set(part, start);
      at += count;
    }
  }

  /**
   * Gives away the bytes from `offset` on: all before `end` that lie in one piece. Nothing but the caller touches them from now
   * on; what comes later goes to other places, perhaps of the same memory. Offsets are taken in order.
   */
  take(offset: number, end: number): Uint8Array {
    const index = Math.floor(offset / blockBytes);
    const start = offset - index * blockBytes;
    const block = this.#blocks.get(index);
    invariant(block !== undefined && end > offset, 'only bytes that have arrived are taken');
    const limit = Math.min(start + end - offset, blockBytes);
    if (limit === blockBytes) this.#forget(index);
    return block.subarray(start, limit);
  }

  #blockAt(index: number): Uint8Array {
    if (index === this.#lastIndex) return this.#last;
    let block = this.#blocks.get(index);
    if (block === undefined) {
      block = this.#allocate(blockBytes);
      this.#blocks.set(index, block);
    }
    this.#lastIndex = index;
    this.#last = block;
    return block;
  }

  #forget(index: number): void {
    this.#blocks.delete(index);
    if (index === this.#lastIndex) this.#lastIndex = -1;
  }
}
