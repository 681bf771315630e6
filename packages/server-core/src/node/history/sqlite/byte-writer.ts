import type { ByteReader } from './byte-reader.ts';

/** Numbers and texts one after the other in a piece of memory that grows. */
export class ByteWriter {
  #bytes = Buffer.allocUnsafeSlow(BYTES_MIN);
  #end = 0;

  get byteCount(): number {
    return this.#end;
  }

  /** A number from 0 up to 2^53: seven bits a byte, the lowest first. */
  count(value: number): void {
    this.#reserve(COUNT_BYTES_MAX);
    let rest = value;
    while (rest >= 128) {
      this.#bytes[this.#end++] = (rest % 128) + 128;
      rest = Math.floor(rest / 128);
    }
    this.#bytes[this.#end++] = rest;
  }

  /** Any number. */
  number(value: number): void {
    this.#reserve(8);
    this.#end = this.#bytes.writeDoubleLE(value, this.#end);
  }

  /** A text with its length in bytes before it. */
  text(value: string): void {
    this.#reserve(LENGTH_BYTES + value.length * UTF8_BYTES_MAX);
    const start = this.#end + LENGTH_BYTES;
    const byteCount = this.#bytes.write(value, start);
    this.#bytes.writeUInt32LE(byteCount, this.#end);
    this.#end = start + byteCount;
  }

  /** Bytes as they are. */
  bytes(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#bytes.set(value, this.#end);
    this.#end += value.length;
  }

  /** Bytes that somebody else wrote. */
  copy(source: ByteReader, start: number, end: number): void {
    this.#reserve(end - start);
    this.#end += source.copyTo(this.#bytes, this.#end, start, end);
  }

  /** Begins a part that has its length before it; gives its position, for `endPart`. */
  beginPart(): number {
    this.#reserve(LENGTH_BYTES);
    this.#end += LENGTH_BYTES;
    return this.#end;
  }

  /** The part that began at this position is whole. */
  endPart(position: number): void {
    this.#bytes.writeUInt32LE(this.#end - position, position - LENGTH_BYTES);
  }

  /** A copy of what was written; then it begins anew. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = new Uint8Array(this.#end);
    taken.set(this.#bytes.subarray(0, this.#end));
    this.#end = 0;
    return taken;
  }

  #reserve(byteCount: number): void {
    const needed = this.#end + byteCount;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(2 ** Math.ceil(Math.log2(needed)));
    larger.set(this.#bytes.subarray(0, this.#end));
    this.#bytes = larger;
  }
}

const BYTES_MIN = 16_384;
const COUNT_BYTES_MAX = 8;
const LENGTH_BYTES = 4;
/** Of a text's UTF-16 code unit. */
const UTF8_BYTES_MAX = 3;
