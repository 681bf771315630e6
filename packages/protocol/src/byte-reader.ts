import { DecodeError } from './errors.ts';

/** Reads a body from its start to its end. Numbers are big-endian (CHAT-FIELD-1). Reading past the end is a `DecodeError`. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  #position: number;
  readonly #end: number;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#position = start;
    this.#end = end;
  }

  get remaining(): number {
    return this.#end - this.#position;
  }

  u8(): number {
    this.#need(1);
    return this.#at(this.#position++);
  }

  u16(): number {
    this.#need(2);
    return (this.#at(this.#position++) << 8) | this.#at(this.#position++);
  }

  u32(): number {
    this.#need(4);
    const at = this.#position;
    this.#position = at + 4;
    return (
      ((this.#at(at) << 24) | (this.#at(at + 1) << 16) | (this.#at(at + 2) << 8) | this.#at(at + 3)) >>> 0
    );
  }

  /** Eight bytes; exact up to 2⁵³ − 1, the caller checks. */
  u64(): number {
    return this.u32() * 2 ** 32 + this.u32();
  }

  /**
   * A whole number of one to eight bytes: seven bits in each, the least significant first; all but the last have their top
   * bit set. Exact up to 2⁵³ − 1, the caller checks.
   */
  // CHAT-FIELD-10
  varint(): number {
    let value = 0;
    for (let scale = 1; scale < 2 ** 56; scale *= 128) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte > 0x7f) continue;
      if (byte > 0 || scale === 1) return value;
      throw new DecodeError('value-invalid', 'expected a number in as few bytes as it takes');
    }
    throw new DecodeError('value-too-large', 'expected a number of at most eight bytes');
  }

  /** A copy of the next `count` bytes. */
  copy(count: number): Uint8Array {
    this.#need(count);
    const copy = new Uint8Array(count);
    // For the few bytes that most have a loop takes less than making a view.
    for (let at = 0; at < count; at += 1) copy[at] = this.#at(this.#position + at);
    this.#position += count;
    return copy;
  }

  /** A view of the next `count` bytes, valid as long as the body is. */
  view(count: number): Uint8Array {
    this.#need(count);
    const view = this.#bytes.subarray(this.#position, this.#position + count);
    this.#position += count;
    return view;
  }

  /**
   * The text of the next `count` bytes when all of it is ASCII; otherwise takes nothing and returns `undefined`. For a name it is
   * several times faster than a decoder that has to be called; from some twenty characters on it is slower.
   */
  asciiText(count: number): string | undefined {
    this.#need(count);
    let text = '';
    for (let at = this.#position; at < this.#position + count; at += 1) {
      const unit = this.#at(at);
      if (unit > 0x7f) return undefined;
      text += String.fromCharCode(unit);
    }
    this.#position += count;
    return text;
  }

  /** A reader of the next `count` bytes, which this one skips. */
  section(count: number): ByteReader {
    this.#need(count);
    const start = this.#position;
    this.#position += count;
    return new ByteReader(this.#bytes, start, this.#position);
  }

  #at(position: number): number {
    return this.#bytes[position] as number;
  }

  // CHAT-FIELD-8
  #need(count: number): void {
    if (count > this.remaining) {
      throw new DecodeError('body-truncated', `expected ${count} more bytes, the body has ${this.remaining}`);
    }
  }
}
