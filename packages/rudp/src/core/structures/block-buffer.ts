import { invariant } from './invariant.ts';

/** Gives memory whose content does not matter. */
export type AllocateBytes = (byteLength: number) => Uint8Array;

/** Large enough to make the cost of a block vanish, small enough for a connection that gets a few bytes. */
const BLOCK_BYTES = 65_536;
/** So many blocks are kept for what comes next, and as many as are in use: new memory costs more than what is copied into it. */
const SPARE_BLOCKS_MIN = 2;
/** Where as many will soon be wanted again, those go that were not wanted while so many were released: what a burst needed, or a hole. */
const RELEASES_PER_LOOK = 64;

/**
 * Bytes of a stream, addressed by their stream offset, in blocks: it grows without copying what it holds. The sending side reads
 * bytes as often as it must and releases them in order; the receiving side takes them: who takes bytes gets the memory that they
 * lie in, so that they are copied once, when they arrive. It takes no memory before the first byte, and none for a hole that
 * spans a block; the caller knows which bytes are valid.
 */
export class BlockBuffer {
  readonly #allocate: AllocateBytes;
  /**
   * Block i is at i modulo the length. Not a Map: the tables that it leaves behind grow old, and keep the garbage collector from
   * freeing blocks that are long gone.
   */
  #blocks: (Uint8Array | undefined)[] = [];
  /** The lowest block that is neither taken nor released whole. */
  #first = 0;
  #count = 0;
  readonly #spare: Uint8Array[] = [];
  #releases = 0;
  /** Spare blocks that nobody has wanted since the last look. */
  #unwanted = 0;

  constructor(allocate: AllocateBytes = (byteLength) => new Uint8Array(byteLength)) {
    this.#allocate = allocate;
  }

  /** Memory that is held. */
  get capacity(): number {
    return (this.#count + this.#spare.length) * BLOCK_BYTES;
  }

  /** Stores `source` at `offset`, behind everything that was taken. */
  write(offset: number, source: Uint8Array): void {
    for (let at = 0; at < source.length; ) {
      const index = Math.floor((offset + at) / BLOCK_BYTES);
      const start = offset + at - index * BLOCK_BYTES;
      const count = Math.min(source.length - at, BLOCK_BYTES - start);
      const part = count === source.length ? source : source.subarray(at, at + count);
      this.#blockAt(index).set(part, start);
      at += count;
    }
  }

  /** Memory for the bytes from `offset` on, up to the end of a block, for somebody who puts them there himself. */
  lend(offset: number): Uint8Array {
    const index = Math.floor(offset / BLOCK_BYTES);
    return this.#blockAt(index).subarray(offset - index * BLOCK_BYTES);
  }

  /**
   * Gives away the bytes from `offset` on: all before `end` that lie in one piece. Nothing but the caller touches them from now
   * on; what comes later goes to other places, perhaps of the same memory. Offsets are taken in order.
   */
  take(offset: number, end: number): Uint8Array {
    const index = Math.floor(offset / BLOCK_BYTES);
    const start = offset - index * BLOCK_BYTES;
    const block = this.#blocks[index % this.#blocks.length];
    invariant(block !== undefined && end > offset, 'only bytes that have arrived are taken');
    const limit = Math.min(start + end - offset, BLOCK_BYTES);
    if (limit === BLOCK_BYTES) this.#forget(index);
    return block.subarray(start, limit);
  }

  /** Copies the `length` bytes from `offset` on to `target[at…]`. */
  read(offset: number, length: number, target: Uint8Array, at: number): void {
    for (let done = 0; done < length; ) {
      const index = Math.floor((offset + done) / BLOCK_BYTES);
      const start = offset + done - index * BLOCK_BYTES;
      const count = Math.min(length - done, BLOCK_BYTES - start);
      const block = index < this.#first ? undefined : this.#blocks[index % this.#blocks.length];
      invariant(block !== undefined, 'only bytes that are held are read');
      target.set(block.subarray(start, start + count), at + done);
      done += count;
    }
  }

  /**
   * Nobody reads what lies before `offset` again: its blocks hold what comes next. `isFlowing` tells that as many will be wanted again
   * soon, however few are in use now: when all in flight is acknowledged at once, none is.
   */
  release(offset: number, isFlowing = false): void {
    const until = Math.floor(offset / BLOCK_BYTES);
    for (let index = this.#first; index < Math.min(until, this.#first + this.#blocks.length); index += 1) {
      const slot = index % this.#blocks.length;
      const block = this.#blocks[slot];
      if (block === undefined) continue;
      this.#blocks[slot] = undefined;
      this.#count -= 1;
      this.#spare.push(block);
      this.#releases += 1;
      if (this.#releases % RELEASES_PER_LOOK === 0) this.#giveBackUnwanted();
    }
    this.#first = Math.max(this.#first, until);
    const spareMax = Math.max(SPARE_BLOCKS_MIN, this.#count);
    if (!isFlowing && this.#spare.length > spareMax) this.#spare.length = spareMax;
  }

  #blockAt(index: number): Uint8Array {
    if (index - this.#first >= this.#blocks.length) this.#grow(index);
    const slot = index % this.#blocks.length;
    let block = this.#blocks[slot];
    if (block === undefined) {
      block = this.#spare.pop() ?? this.#allocate(BLOCK_BYTES);
      this.#unwanted = Math.min(this.#unwanted, this.#spare.length);
      this.#blocks[slot] = block;
      this.#count += 1;
    }
    return block;
  }

  #giveBackUnwanted(): void {
    this.#spare.length = Math.max(0, this.#spare.length - this.#unwanted);
    this.#unwanted = this.#spare.length;
  }

  #forget(index: number): void {
    this.#blocks[index % this.#blocks.length] = undefined;
    this.#first = index + 1;
    this.#count -= 1;
  }

  /** Makes room for block `index`, by doubling. */
  #grow(index: number): void {
    const { length } = this.#blocks;
    let larger = Math.max(1, length);
    while (index - this.#first >= larger) larger *= 2;
    const blocks = new Array<Uint8Array | undefined>(larger).fill(undefined);
    for (let held = this.#first; held < this.#first + length; held += 1)
      blocks[held % larger] = this.#blocks[held % length];
    this.#blocks = blocks;
  }
}
