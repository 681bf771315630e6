/** Reads what a `ByteWriter` wrote. What is beyond the end is a RangeError, unless it was skipped. */
export class ByteReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }

  /** Where it is, in bytes from the beginning. */
  get position(): number {
    return this.#at;
  }

  count(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw new RangeError('the bytes end within a number');
      if (byte < 128) return value + byte * scale;
      value += (byte - 128) * scale;
      scale *= 128;
    }
  }

  number(): number {
    const value = this.#bytes.readDoubleLE(this.#at);
    this.#at += 8;
    return value;
  }

  /** Position at which a part ends that begins here with its length. */
  partEnd(): number {
    const byteCount = this.#bytes.readUInt32LE(this.#at);
    this.#at += LENGTH_BYTES;
    return this.#at + byteCount;
  }

  /** Passes by a text; `textAt` with the position before it reads it. */
  skipText(): void {
    this.#at += LENGTH_BYTES + this.#bytes.readUInt32LE(this.#at);
  }

  textAt(position: number): string {
    const start = position + LENGTH_BYTES;
    return this.#bytes.toString('utf8', start, start + this.#bytes.readUInt32LE(position));
  }

  skip(byteCount: number): void {
    this.#at += byteCount;
  }

  /** A number of 32 bits that depends on so many words of four bytes, and on a key. */
  hash(position: number, words: number, key: number): number {
    let hash = key;
    for (let at = position; at < position + 4 * words; at += 4) {
      hash = Math.imul(hash ^ this.#bytes.readInt32LE(at), 0x9e37_79b1);
      hash ^= hash >>> 15;
      hash = Math.imul(hash, 0x85eb_ca6b);
      hash ^= hash >>> 13;
    }
    return hash;
  }

  /** Whether the same bytes are in two places. */
  isSame(position: number, other: ByteReader, otherPosition: number, byteCount: number): boolean {
    const [end, otherEnd] = [position + byteCount, otherPosition + byteCount];
    return this.#bytes.compare(other.#bytes, otherPosition, otherEnd, position, end) === 0;
  }

  /** Copies a part to a place in other bytes; gives its length. */
  copyTo(target: Buffer, targetStart: number, start: number, end: number): number {
    return this.#bytes.copy(target, targetStart, start, end);
  }

  view(start: number, end: number): Uint8Array {
    return this.#bytes.subarray(start, end);
  }
}

const LENGTH_BYTES = 4;
