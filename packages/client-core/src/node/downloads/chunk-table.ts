import { type ByteRange, chunkBytesOf, chunkCountOf, RANGES_PER_REQUEST_MAX } from '@parley/protocol';
import { ByteRanges } from '../../transfers/byte-ranges.ts';

/** Which bytes of a file are there, and which of its chunks were verified. */
export class ChunkTable {
  readonly #received = new ByteRanges();
  /** In this life or an earlier one. */
  readonly #verified = new Set<number>();
  readonly #tries = new Map<number, number>();
  /** Chunks of which an earlier life has left a part that nothing vouches for until the rest is there. */
  readonly #unsure = new Set<number>();
  #size: number | undefined;
  #revision = 0;

  /** Grows when something that was verified no longer is. */
  get revision(): number {
    return this.#revision;
  }

  /** Bytes of the whole file; undefined until it is known. */
  get size(): number | undefined {
    return this.#size;
  }

  set size(size: number | undefined) {
    this.#size = size;
  }

  get receivedBytes(): number {
    return this.#received.totalBytes;
  }

  /** Verified chunks, in no order. */
  get verified(): readonly number[] {
    return [...this.#verified];
  }

  /** Every chunk is there and verified. */
  get isComplete(): boolean {
    return this.#verified.size === chunkCountOf(this.#size ?? 0);
  }

  /** What is not there: as many parts as a request holds. */
  get missing(): readonly ByteRange[] {
    return this.#received.missing(this.#size ?? 0, RANGES_PER_REQUEST_MAX);
  }

  /** Nothing is there any more. */
  clear(): void {
    this.#revision += 1;
    this.#received.clear();
    this.#verified.clear();
    this.#tries.clear();
    this.#unsure.clear();
  }

  /** Bytes have come. */
  receive(offset: number, end: number): void {
    this.#received.add(offset, end);
  }

  /** The chunk in which a byte lies. */
  indexAt(offset: number): number {
    return Math.floor(offset / chunkBytesOf(this.#size ?? 0));
  }

  isVerified(index: number): boolean {
    return this.#verified.has(index);
  }

  /** Whether all bytes of a chunk are there. */
  isWhole(index: number): boolean {
    const { start, end } = this.rangeOf(index);
    return this.#received.covers(start, end);
  }

  /** A chunk that is there is right. */
  verify(index: number): void {
    this.#verified.add(index);
  }

  /** A chunk is there, and right. */
  accept(index: number): void {
    const { start, end } = this.rangeOf(index);
    this.#received.add(start, end);
    this.#verified.add(index);
  }

  /** These parts of a chunk are there, and may be right. */
  keep(index: number, parts: readonly ByteRange[]): void {
    for (const { start, end } of parts) this.#received.add(start, end);
    this.#unsure.add(index);
  }

  /** A chunk is missing again. */
  drop(index: number): void {
    const { start, end } = this.rangeOf(index);
    if (this.#verified.delete(index)) this.#revision += 1;
    this.#received.remove(start, end);
  }

  /** A chunk is missing again because it is wrong. Gives how often it has come so: 0 when it may be what was there before that is wrong. */
  reject(index: number): number {
    this.drop(index);
    if (this.#unsure.delete(index)) return 0;
    const tries = (this.#tries.get(index) ?? 0) + 1;
    this.#tries.set(index, tries);
    return tries;
  }

  /** Of a chunk that is whole, and whose digest has not come, a byte is asked for again: the digest comes with it. */
  // CHAT-DIGEST-4
  reopen(index: number): void {
    const { end } = this.rangeOf(index);
    if (this.isWhole(index)) this.#received.remove(end - 1, end);
  }

  rangeOf(index: number): ByteRange {
    const size = this.#size ?? 0;
    const start = index * chunkBytesOf(size);
    return { start, end: Math.min(size, start + chunkBytesOf(size)) };
  }

  /** The chunks that lie wholly below `bytes`. */
  *within(bytes: number): Generator<number> {
    for (const index of this.below(bytes)) {
      if (this.rangeOf(index).end <= bytes) yield index;
    }
  }

  /** The chunks that begin below `bytes`. */
  *below(bytes: number): Generator<number> {
    for (let index = 0; index < chunkCountOf(this.#size ?? 0); index += 1) {
      if (this.rangeOf(index).start >= bytes) return;
      yield index;
    }
  }
}
