import { createHash } from 'node:crypto';
import type { ChunkTable } from './chunk-table.ts';
import type { PartFile } from './part-file.ts';

/** One look reads no more than this: chunks that arrive meanwhile wait to be verified. */
const FOLLOW_BYTES_MAX = 32 << 20;

/**
 * SHA-256 of a whole file, made while it arrives: it follows what was verified from the beginning on, so that of a large file
 * little is left to read when the last byte has come.
 */
export class WholeHash {
  readonly #part: PartFile;
  readonly #chunks: ChunkTable;
  #hash = createHash('sha256');
  /** Everything before it was read, and was verified as of this revision. */
  #position = 0;
  #revision = 0;

  constructor(part: PartFile, chunks: ChunkTable) {
    this.#part = part;
    this.#chunks = chunks;
  }

  /** Reads on through chunks that were verified; `isCancelled` is asked between pieces. */
  async follow(isCancelled: () => boolean): Promise<void> {
    this.#begin();
    const size = this.#chunks.size ?? 0;
    let end = this.#position;
    const limit = Math.min(size, end + FOLLOW_BYTES_MAX);
    while (end < limit && this.#chunks.isVerified(this.#chunks.indexAt(end)))
      end = this.#chunks.rangeOf(this.#chunks.indexAt(end)).end;
    await this.#readTo(end, isCancelled);
  }

  /** The digest of the first `size` bytes, all of which are verified. */
  async digest(size: number, isCancelled: () => boolean): Promise<Uint8Array> {
    this.#begin();
    await this.#readTo(size, isCancelled);
    return this.#hash.copy().digest();
  }

  /** What was read must still be what was verified. */
  #begin(): void {
    if (this.#revision === this.#chunks.revision) return;
    this.#revision = this.#chunks.revision;
    this.#hash = createHash('sha256');
    this.#position = 0;
  }

  async #readTo(end: number, isCancelled: () => boolean): Promise<void> {
    for await (const piece of this.#part.pieces(this.#position, end, isCancelled)) {
      this.#hash.update(piece);
      this.#position += piece.byteLength;
    }
  }
}
