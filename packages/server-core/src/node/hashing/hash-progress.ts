import { chunkCountOf, SHA256_BYTES } from '@parley/protocol';
import type { FileDigests } from './chunk-hasher.ts';

/** Two words: how many chunks are hashed, and whether all is; then the digest of the whole, the root, and the list of chunks. */
const STATE_WORDS = 2;
const wholeOffset = STATE_WORDS * Int32Array.BYTES_PER_ELEMENT;
const rootOffset = wholeOffset + SHA256_BYTES;
const listOffset = rootOffset + SHA256_BYTES;

/**
 * The digests of one file while it is being hashed, in memory that the thread which hashes and those which send have in common: what
 * the one has found out the others know at once, without a message.
 */
export class HashProgress {
  /** What another thread makes its own `HashProgress` of. */
  readonly shared: SharedArrayBuffer;
  readonly #state: Int32Array;
  readonly #bytes: Uint8Array;

  constructor(shared: SharedArrayBuffer) {
    this.shared = shared;
    this.#state = new Int32Array(shared, 0, STATE_WORDS);
    this.#bytes = new Uint8Array(shared);
  }

  /** That of a file of which nothing is known yet. */
  static of(size: number): HashProgress {
    return new HashProgress(new SharedArrayBuffer(listOffset + chunkCountOf(size) * SHA256_BYTES));
  }

  /** The digest of a chunk, when it is known. */
  chunkHash(index: number): Uint8Array | undefined {
    if (index >= Atomics.load(this.#state, 0)) return undefined;
    return this.#copy(listOffset + index * SHA256_BYTES);
  }

  /** The digests that stand for all of the file, when they are known. */
  get whole(): Pick<FileDigests, 'sha256' | 'chunkRoot'> | undefined {
    if (Atomics.load(this.#state, 1) === 0) return undefined;
    return { sha256: this.#copy(wholeOffset), chunkRoot: this.#copy(rootOffset) };
  }

  /** The digest of the chunk after the last that was noted. */
  note(index: number, hash: Uint8Array): void {
    this.#bytes.set(hash, listOffset + index * SHA256_BYTES);
    // What was written before this is seen by whoever sees this.
    Atomics.store(this.#state, 0, index + 1);
  }

  /** All chunks are noted. */
  finish({ sha256, chunkRoot }: FileDigests): void {
    this.#bytes.set(sha256, wholeOffset);
    this.#bytes.set(chunkRoot, rootOffset);
    Atomics.store(this.#state, 1, 1);
  }

  #copy(offset: number): Uint8Array {
    return new Uint8Array(this.#bytes.subarray(offset, offset + SHA256_BYTES));
  }
}
