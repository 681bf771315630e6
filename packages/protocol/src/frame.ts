/** A frame: length (u32, bytes after itself), type (u8), body. */
import { ByteWriter } from './byte-writer.ts';
import { EncodeError } from './errors.ts';

/** Bytes of the length field. */
export const FRAME_LENGTH_BYTES = 4;

/** CHAT-FRAME-5: a receiver skips frames of types that it does not know from this one on, and refuses unknown ones below it. */
export const IGNORABLE_TYPE_MIN = 0x80;

/** One frame as it was received: its body is what `bytes` has from `start` to `end`, until the decoder is given more bytes. */
export interface Frame {
  readonly type: number;
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/** Frames that are made one after the other lie in pieces of memory of this size: some hundred of the usual ones. */
const SLAB_BYTES = 16_384;

const writer = new ByteWriter(SLAB_BYTES);

/** Makes a frame of `type` around the body that `writeBody` appends. Throws `EncodeError` above `frameBytesMax`. */
export function encodeFrame(
  type: number,
  frameBytesMax: number,
  writeBody: (writer: ByteWriter) => void,
): Uint8Array {
  return encodeFrameOf(type, frameBytesMax, writeBody, undefined);
}

/** The same for a body that is made of `value`. */
// CHAT-FRAME-1
export function encodeFrameOf<Value>(
  type: number,
  frameBytesMax: number,
  writeBody: (writer: ByteWriter, value: Value) => void,
  value: Value,
): Uint8Array {
  // What a frame that failed has left behind.
  writer.discard();
  writer.u32(0);
  writer.u8(type);
  writeBody(writer, value);
  const length = writer.length - FRAME_LENGTH_BYTES;
  // CHAT-FRAME-3
  if (length > frameBytesMax) {
    throw new EncodeError(
      'value-too-large',
      `a frame has at most ${frameBytesMax} bytes, this one has ${length}`,
    );
  }
  writer.setU32(0, length);
  return writer.finish();
}
