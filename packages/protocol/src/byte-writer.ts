import { encodeAsciiInto } from './utf8.ts';

/** Up to this length a loop over a text is faster than an encoder that has to be called. */
const SHORT_TEXT_UNITS = 40;

/** 53 bits, seven in each byte. */
export const VARINT_BYTES_MAX = 8;

/**
 * Writes one run of bytes after the other into a buffer that grows. Numbers are big-endian (CHAT-FIELD-1). Runs that are
 * finished share the buffer's memory: making one costs no allocation of its own, and nothing writes over it.
 */
export class ByteWriter {
  readonly #capacity: number;
  #bytes: Uint8Array;
  /** Where the run begins. */
  #start = 0;
  #end = 0;

  constructor(capacity = 256) {
    this.#capacity = capacity;
    this.#bytes = new Uint8Array(capacity);
  }

  /** Bytes of the run so far. */
  get length(): number {
    return this.#end - this.#start;
  }

  u8(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#end++] = value;
  }

  u16(value: number): void {
    this.#reserve(2);
    this.#bytes[this.#end++] = value >>> 8;
    this.#bytes[this.#end++] = value;
  }

  u32(value: number): void {
    this.#reserve(4);
    this.#put32(value);
  }

  u64(value: number): void {
    this.#reserve(8);
    const low = value >>> 0;
    this.#put32((value - low) / 2 ** 32);
    this.#put32(low);
  }

  /** A whole number up to 2⁵³ − 1 in one to eight bytes, as `ByteReader.varint` reads it. */
  // CHAT-FIELD-10
  varint(value: number): void {
    this.#reserve(VARINT_BYTES_MAX);
    let rest = value;
    // Beyond 31 bits a shift would lose some.
    for (; rest > 0x7fff_ffff; rest = Math.floor(rest / 128)) this.#bytes[this.#end++] = rest | 0x80;
    for (; rest > 0x7f; rest >>>= 7) this.#bytes[this.#end++] = rest | 0x80;
    this.#bytes[this.#end++] = rest;
  }

  bytes(source: Uint8Array): void {
    this.#reserve(source.length);
    this.#bytes.set(source, this.#end);
    this.#end += source.length;
  }

  /**
   * Writes a text after its length (two bytes) when all of it is ASCII, as most text is; otherwise writes nothing and
   * returns false.
   */
  asciiText(text: string): boolean {
    const start = this.#end;
    this.u16(text.length);
    return this.#ascii(text, start);
  }

  /** The same with the length as a `varint`. */
  briefAsciiText(text: string): boolean {
    const start = this.#end;
    this.varint(text.length);
    return this.#ascii(text, start);
  }

  /** Writes a length of two bytes at `position`, which was left open earlier. */
  setU16(position: number, value: number): void {
    this.#bytes[this.#start + position] = value >>> 8;
    this.#bytes[this.#start + position + 1] = value;
  }

  /** Writes a length of four bytes at `position`, which was left open earlier. */
  setU32(position: number, value: number): void {
    this.setU16(position, value >>> 16);
    this.setU16(position + 2, value & 0xffff);
  }

  /** What was written; the next run begins. */
  finish(): Uint8Array {
    const run = this.#bytes.subarray(this.#start, this.#end);
    this.#start = this.#end;
    return run;
  }

  /** Forgets what was written since the last `finish`. */
  discard(): void {
    this.#end = this.#start;
  }

  #put32(value: number): void {
    const bytes = this.#bytes;
    const at = this.#end;
    bytes[at] = value >>> 24;
    bytes[at + 1] = value >>> 16;
    bytes[at + 2] = value >>> 8;
    bytes[at + 3] = value;
    this.#end = at + 4;
  }

  /** Goes back by the bytes of the length when it is none. */
  #ascii(text: string, start: number): boolean {
    const { length } = text;
    const lengthBytes = this.#end - start;
    this.#reserve(length);
    const isAscii =
      length <= SHORT_TEXT_UNITS
        ? this.#shortAscii(text)
        : encodeAsciiInto(text, this.#bytes.subarray(this.#end, this.#end + length));
    this.#end += isAscii ? length : -lengthBytes;
    return isAscii;
  }

  /** Puts a text behind what there is, up to the first character that is not ASCII; says whether there is none. */
  #shortAscii(text: string): boolean {
    const { length } = text;
    const bytes = this.#bytes;
    const end = this.#end;
    for (let index = 0; index < length; index += 1) {
      const unit = text.charCodeAt(index);
      if (unit > 0x7f) return false;
      bytes[end + index] = unit;
    }
    return true;
  }

  #reserve(count: number): void {
    if (this.#end + count <= this.#bytes.length) return;
    // Memory of its own for a large run; what was finished keeps the old one.
    const grown = new Uint8Array(Math.max(this.#capacity, (this.length + count) * 2));
    grown.set(this.#bytes.subarray(this.#start, this.#end));
    this.#bytes = grown;
    this.#end -= this.#start;
    this.#start = 0;
  }
}
