import { createHash, type Hash } from 'node:crypto';
import { chunkBytesOf, SHA256_BYTES } from '@parley/protocol';
import { COMPARED_BYTES_MAX } from '../limits.ts';

/** A file is not what its digests say, although it looks as it did when they were made. */
export class WrongDigestError extends Error {
  override readonly name = 'WrongDigestError';
}

/** Compares the first chunks that are read whole with their digests. */
// CHAT-CHUNK-6
export class ChunkCheck {
  readonly #size: number;
  readonly #chunkHashes: Uint8Array;
  readonly #chunkBytes: number;
  #bytesLeft: number;
  /** Where the next bytes have to begin to belong to the chunk that is being compared. */
  #position = 0;
  #hash: Hash | undefined;

  constructor(size: number, chunkHashes: Uint8Array, bytesMax = COMPARED_BYTES_MAX) {
    this.#size = size;
    this.#chunkHashes = chunkHashes;
    this.#chunkBytes = chunkBytesOf(size);
    this.#bytesLeft = bytesMax;
  }

  /** Takes what was read at `offset`. Throws `WrongDigestError` at the end of a chunk that differs. */
  take(offset: number, bytes: Uint8Array): void {
    for (let at = 0; at < bytes.byteLength; ) {
      const position = offset + at;
      const index = Math.floor(position / this.#chunkBytes);
      const end = Math.min(this.#size, (index + 1) * this.#chunkBytes);
      const piece = bytes.subarray(at, at + end - position);
      if (position === index * this.#chunkBytes) this.#begin();
      else if (position !== this.#position) this.#hash = undefined;
      this.#hash?.update(piece);
      at += piece.byteLength;
      this.#position = offset + at;
      if (this.#position === end) this.#finish(index);
    }
  }

  #begin(): void {
    this.#hash = this.#bytesLeft > 0 ? createHash('sha256') : undefined;
    this.#bytesLeft -= this.#chunkBytes;
  }

  #finish(index: number): void {
    const digest = this.#hash?.digest();
    this.#hash = undefined;
    const expected = this.#chunkHashes.subarray(index * SHA256_BYTES, (index + 1) * SHA256_BYTES);
    if (digest === undefined || Buffer.compare(digest, expected) === 0) return;
    throw new WrongDigestError(`chunk ${index} is not what its digest says`);
  }
}
