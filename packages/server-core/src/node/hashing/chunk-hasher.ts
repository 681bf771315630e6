import { createHash, type Hash } from 'node:crypto';
import { chunkBytesOf, chunkCountOf, SHA256_BYTES } from '@parley/protocol';

/** Digests of a file: of the whole, of each chunk in order, and the root that stands for the list of them. */
export interface FileDigests {
  readonly sha256: Uint8Array;
  /** 32 bytes for each chunk. */
  readonly chunkHashes: Uint8Array;
  readonly chunkRoot: Uint8Array;
}

/** Takes the bytes of a file in order, in pieces of any size, and computes all its digests in one pass. */
// CHAT-CHUNK-1
export class ChunkHasher {
  readonly #size: number;
  readonly #chunkBytes: number;
  readonly #whole = createHash('sha256');
  readonly #chunkHashes: Uint8Array;
  #chunk: Hash = createHash('sha256');
  #chunkIndex = 0;
  readonly #onChunk: (index: number, hash: Uint8Array) => void;
  /** Bytes that the chunk still lacks. */
  #missingBytes: number;

  /** `size` is what the file has when it is whole; `onChunk` is told of each digest of a chunk as soon as it is known. */
  constructor(size: number, onChunk: (index: number, hash: Uint8Array) => void = () => undefined) {
    this.#size = size;
    this.#onChunk = onChunk;
    this.#chunkBytes = chunkBytesOf(size);
    this.#missingBytes = this.#chunkBytes;
    this.#chunkHashes = new Uint8Array(chunkCountOf(size) * SHA256_BYTES);
  }

  update(bytes: Uint8Array): void {
    this.#whole.update(bytes);
    for (let offset = 0; offset < bytes.byteLength; ) {
      const piece = bytes.subarray(offset, offset + this.#missingBytes);
      this.#chunk.update(piece);
      offset += piece.byteLength;
      this.#missingBytes -= piece.byteLength;
      if (this.#missingBytes === 0) this.#endChunk();
    }
  }

  /** To be called once, after exactly `size` bytes. */
  digest(): FileDigests {
    if (this.#missingBytes < this.#chunkBytes) this.#endChunk();
    const chunkHashes = this.#chunkHashes;
    return { sha256: this.#whole.digest(), chunkHashes, chunkRoot: chunkRootOf(this.#size, chunkHashes) };
  }

  #endChunk(): void {
    const hash = this.#chunk.digest();
    this.#chunkHashes.set(hash, this.#chunkIndex * SHA256_BYTES);
    this.#onChunk(this.#chunkIndex, hash);
    this.#chunkIndex += 1;
    this.#chunk = createHash('sha256');
    this.#missingBytes = this.#chunkBytes;
  }
}

/** The 32 bytes that stand for the digests of all chunks of a file of `size` bytes. */
// CHAT-CHUNK-2
export function chunkRootOf(size: number, chunkHashes: Uint8Array): Uint8Array {
  const sizeBytes = Buffer.alloc(8);
  sizeBytes.writeBigUInt64BE(BigInt(size));
  return createHash('sha256').update(sizeBytes).update(chunkHashes).digest();
}
