import { invariant } from './invariant.ts';

/** Largest integer that a varint of this protocol carries: what a JavaScript number holds exactly. */
export const VARINT_MAX = Number.MAX_SAFE_INTEGER;

/** A connection id, a challenge, a token: copied one by one. */
const FEW_BYTES = 16;

/** Bytes that `value` takes as a variable-length integer (RFC 9000 §16). */
export function varintBytes(value: number): number {
  if (value < 0x40) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x4000_0000) return 4;
  return 8;
}

/** Bytes that `value` takes as an unsigned integer, 0 none: at most 7. */
export function uintBytes(value: number): number {
  if (value < 0x1_0000) return value < 0x100 ? Math.sign(value) : 2;
  if (value < 0x1_0000_0000) return value < 0x100_0000 ? 3 : 4;
  if (value < 2 ** 48) return value < 2 ** 40 ? 5 : 6;
  return 7;
}

/** All parts as one. */
export function concatenate(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let end = 0;
  for (const part of parts) {
    bytes.set(part, end);
    end += part.length;
  }
  return bytes;
}

/** A cursor that writes big-endian integers and bytes into memory that the caller owns. Room is the caller's duty. */
export class ByteWriter {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  /** Index of the next byte to write. */
  position: number;

  constructor(bytes: Uint8Array, position = 0) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.position = position;
  }

  u8(value: number): void {
    this.#view.setUint8(this.position, value);
    this.position += 1;
  }

  u16(value: number): void {
    this.#view.setUint16(this.position, value);
    this.position += 2;
  }

  /** Overwrites two bytes at `position`, for a length that is known late. */
  u16At(position: number, value: number): void {
    this.#view.setUint16(position, value);
  }

  u32(value: number): void {
    this.#view.setUint32(this.position, value);
    this.position += 4;
  }

  /** The low `count` bytes of `value`, at most 7. */
  uint(value: number, count: number): void {
    // Nearly all are of two and of four.
    if (count === 2) this.u16(value);
    else if (count === 4) this.u32(value);
    else this.#bytewise(value, count);
  }

  varint(value: number): void {
    if (value < 0x40) this.u8(value);
    else if (value < 0x4000) this.u16(value | 0x4000);
    else if (value < 0x4000_0000) this.u32((value | 0x8000_0000) >>> 0);
    else {
      invariant(value <= VARINT_MAX, 'a varint must be a safe integer');
      this.u32((Math.floor(value / 0x1_0000_0000) | 0xc000_0000) >>> 0);
      this.u32(value % 0x1_0000_0000);
    }
  }

  raw(bytes: Uint8Array): void {
    const { length } = bytes;
    // set() is a call that costs more than a few bytes do.
    if (length > FEW_BYTES) this.bytes.set(bytes, this.position);
    else
      for (let index = 0; index < length; index += 1)
        this.bytes[this.position + index] = bytes[index] as number;
    this.position += length;
  }

  /** Writes zero bytes up to `position`. */
  zerosTo(position: number): void {
    this.bytes.fill(0, this.position, position);
    this.position = position;
  }

  #bytewise(value: number, count: number): void {
    const high = Math.floor(value / 0x1_0000_0000);
    for (let left = count - 1; left >= 0; left -= 1)
      this.u8(left > 3 ? high >>> (8 * (left - 4)) : value >>> (8 * left));
  }
}
