import { VARINT_MAX } from './byte-writer.ts';

/** The peer sent bytes that do not parse. Caught at the edge of the endpoint; never leaves it. */
export class MalformedPacketError extends Error {
  readonly code = 'malformed-packet';

  constructor(message: string) {
    super(message);
    this.name = 'MalformedPacketError';
  }
}

/** A bounds-checked cursor over received bytes; throws `MalformedPacketError` when they end too soon. */
export class ByteReader {
  // Bytes are put together here instead of by a DataView: of a few bytes of each packet, making the view would be the larger part.
  #bytes: Uint8Array;
  /** Index of the next byte to read. */
  position: number;
  #limit: number;

  constructor(bytes: Uint8Array, position = 0, limit = bytes.length) {
    this.#bytes = bytes;
    this.position = position;
    this.#limit = limit;
  }

  /** Goes on with other bytes. */
  restart(bytes: Uint8Array, position: number, limit: number): void {
    // Mostly they are the same, and to keep another object costs the garbage collector a note.
    if (bytes !== this.#bytes) this.#bytes = bytes;
    this.position = position;
    this.#limit = limit;
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Index behind the last readable byte. */
  get limit(): number {
    return this.#limit;
  }

  get remaining(): number {
    return this.#limit - this.position;
  }

  u8(): number {
    return this.#bytes[this.#advance(1)] as number;
  }

  u16(): number {
    return this.#u16At(this.#advance(2));
  }

  u32(): number {
    const at = this.#advance(4);
    return this.#u16At(at) * 0x1_0000 + this.#u16At(at + 2);
  }

  /** An unsigned integer of `count` bytes, at most 7, up to 2^53 − 1. */
  uint(count: number): number {
    const at = this.#advance(count);
    let value = 0;
    for (let index = at; index < at + count; index += 1) value = value * 256 + (this.#bytes[index] as number);
    if (value > VARINT_MAX) throw new MalformedPacketError('integer above 2^53 - 1');
    return value;
  }

  /** A variable-length integer (RFC 9000 §16) up to 2^53 − 1. */
  varint(): number {
    const first = this.u8();
    const prefix = first >> 6;
    if (prefix === 0) return first;
    if (prefix === 1) return ((first & 0x3f) << 8) | this.u8();
    if (prefix === 2) return (first & 0x3f) * 0x100_0000 + (this.u8() << 16) + this.u16();
    const high = (first & 0x3f) * 0x100_0000 + (this.u8() << 16) + this.u16();
    const value = high * 0x1_0000_0000 + this.u32();
    if (value > VARINT_MAX) throw new MalformedPacketError('integer above 2^53 - 1');
    return value;
  }

  /** The next `count` bytes, as a view of the same memory. */
  raw(count: number): Uint8Array {
    const at = this.#advance(count);
    return this.#bytes.subarray(at, at + count);
  }

  #u16At(at: number): number {
    return ((this.#bytes[at] as number) << 8) | (this.#bytes[at + 1] as number);
  }

  #advance(count: number): number {
    const at = this.position;
    if (count > this.#limit - at)
      throw new MalformedPacketError(`expected ${count} more bytes, found ${this.#limit - at}`);
    this.position = at + count;
    return at;
  }
}
