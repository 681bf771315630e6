import { HASH_CACHE_BYTES_MAX, HASH_CACHE_ENTRIES_MAX } from '../limits.ts';
import type { FileDigests } from './chunk-hasher.ts';

/** Digests of the files that were asked for last, bounded in number and in bytes. */
export class DigestCache {
  readonly #entries = new Map<string, FileDigests>();
  #listBytes = 0;

  /** Whether there is no room for another one. */
  get isFull(): boolean {
    return this.#entries.size >= HASH_CACHE_ENTRIES_MAX || this.#listBytes >= HASH_CACHE_BYTES_MAX;
  }

  /** What is known under `key`, which becomes the most recently used one. */
  find(key: string): FileDigests | undefined {
    const digests = this.#entries.get(key);
    if (digests === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, digests);
    return digests;
  }

  /** Under which keys a SHA-256 is known that begins with these hexadecimal digits. */
  keysWith(digits: string): ReadonlySet<string> {
    const nibbles = [...digits].map((digit) => Number.parseInt(digit, 16));
    const keys = new Set<string>();
    for (const [key, { sha256 }] of this.#entries) {
      if (nibbles.every((nibble, index) => nibble === nibbleAt(sha256, index))) keys.add(key);
    }
    return keys;
  }

  add(key: string, digests: FileDigests): void {
    this.remove(key);
    this.#entries.set(key, digests);
    this.#listBytes += digests.chunkHashes.byteLength;
    for (const oldest of this.#entries.keys()) {
      const isFull = this.#entries.size > HASH_CACHE_ENTRIES_MAX || this.#listBytes > HASH_CACHE_BYTES_MAX;
      if (!isFull) return;
      this.remove(oldest);
    }
  }

  remove(key: string): void {
    const digests = this.#entries.get(key);
    if (digests === undefined) return;
    this.#entries.delete(key);
    this.#listBytes -= digests.chunkHashes.byteLength;
  }
}

function nibbleAt(bytes: Uint8Array, index: number): number {
  const byte = bytes[index >>> 1] ?? 0;
  return index % 2 === 0 ? byte >>> 4 : byte & 0xf;
}
