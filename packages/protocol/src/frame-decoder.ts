import { DecodeError } from './errors.ts';
import { FRAME_LENGTH_BYTES, type Frame } from './frame.ts';

const INITIAL_CARRY_BYTES = 64;

/**
 * Cuts a stream of bytes into frames. Feed it what arrives, in pieces of any size, then take frames until there are
 * none; the pieces' borders make no difference (CHAT-FRAME-2).
 *
 *     decoder.push(chunk);
 *     for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) handle(frame);
 *
 * Whole frames lie in the chunk, without a copy. Only a frame that spans chunks is gathered in a buffer, which
 * doubles as bytes arrive and never exceeds the frame limit: claiming a large frame costs the claimant, not us.
 */
export class FrameDecoder {
  readonly #frameBytesMax: number;
  #chunk: Uint8Array = new Uint8Array(0);
  #position = 0;
  /** The beginning of a frame whose end has not arrived. */
  #carry: Uint8Array = new Uint8Array(0);
  #carryLength = 0;
  #error: DecodeError | undefined;

  constructor(options: { readonly frameBytesMax: number }) {
    this.#frameBytesMax = options.frameBytesMax;
  }

  /** Bytes kept for a frame that is not complete. At most the frame limit and its length field. */
  get bufferedBytes(): number {
    return this.#carryLength;
  }

  /** Memory held for a frame that is not complete: at most twice what has arrived of it, or 64 bytes. */
  get reservedBytes(): number {
    return this.#carry.length;
  }

  /** Whether the stream so far ends exactly at the end of a frame. */
  get isAtFrameBoundary(): boolean {
    return this.#carryLength === 0 && this.#position === this.#chunk.length;
  }

  /** Gives the decoder the next bytes. It must have been emptied with `next` before. */
  push(chunk: Uint8Array): void {
    if (this.#position < this.#chunk.length && this.#error === undefined) {
      throw new Error('the decoder still holds frames: call next() until it returns undefined, then push()');
    }
    this.#chunk = chunk;
    this.#position = 0;
  }

  /** The next frame, `undefined` when more bytes are needed. After a `DecodeError` every call throws it again. */
  next(): Frame | undefined {
    if (this.#error !== undefined) throw this.#error;
    try {
      return this.#carryLength > 0 ? this.#nextAcrossChunks() : this.#nextInChunk();
    } catch (error) {
      if (error instanceof DecodeError) this.#error = error;
      throw error;
    }
  }

  #nextInChunk(): Frame | undefined {
    const available = this.#chunk.length - this.#position;
    if (available === 0) return undefined;
    if (available >= FRAME_LENGTH_BYTES) {
      const total = FRAME_LENGTH_BYTES + this.#frameLength(this.#chunk, this.#position);
      if (available >= total) {
        const frame = frameAt(this.#chunk, this.#position, total);
        this.#position += total;
        return frame;
      }
    }
    this.#gather(available);
    return undefined;
  }

  #nextAcrossChunks(): Frame | undefined {
    if (this.#carryLength < FRAME_LENGTH_BYTES) {
      this.#gather(FRAME_LENGTH_BYTES - this.#carryLength);
      if (this.#carryLength < FRAME_LENGTH_BYTES) return undefined;
    }
    const total = FRAME_LENGTH_BYTES + this.#frameLength(this.#carry, 0);
    this.#gather(total - this.#carryLength);
    if (this.#carryLength < total) return undefined;
    const frame = frameAt(this.#carry, 0, total);
    // The frame's body lies in the buffer, so the next frame gets another one.
    this.#carry = new Uint8Array(0);
    this.#carryLength = 0;
    return frame;
  }

  /** Moves up to `count` bytes from the chunk to the buffer. */
  #gather(count: number): void {
    const taken = Math.min(count, this.#chunk.length - this.#position);
    const needed = this.#carryLength + taken;
    if (needed > this.#carry.length) {
      const grown = new Uint8Array(Math.max(needed, this.#carry.length * 2, INITIAL_CARRY_BYTES));
      grown.set(this.#carry.subarray(0, this.#carryLength));
      this.#carry = grown;
    }
    this.#carry.set(this.#chunk.subarray(this.#position, this.#position + taken), this.#carryLength);
    this.#carryLength = needed;
    this.#position += taken;
  }

  #frameLength(bytes: Uint8Array, at: number): number {
    const length =
      byteAt(bytes, at) * 2 ** 24 +
      ((byteAt(bytes, at + 1) << 16) | (byteAt(bytes, at + 2) << 8) | byteAt(bytes, at + 3));
    // CHAT-FRAME-4
    if (length === 0) throw new DecodeError('frame-empty', 'expected a frame with a type, got an empty one');
    // CHAT-FRAME-3
    if (length > this.#frameBytesMax) {
      throw new DecodeError(
        'frame-too-large',
        `expected a frame of at most ${this.#frameBytesMax} bytes, got one of ${length}`,
      );
    }
    return length;
  }
}

function frameAt(bytes: Uint8Array, start: number, total: number): Frame {
  const type = byteAt(bytes, start + FRAME_LENGTH_BYTES);
  return { type, bytes, start: start + FRAME_LENGTH_BYTES + 1, end: start + total };
}

function byteAt(bytes: Uint8Array, index: number): number {
  return bytes[index] as number;
}
