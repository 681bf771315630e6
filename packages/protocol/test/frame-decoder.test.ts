import { describe, expect, test } from 'vitest';
import { encodeFrame, type Frame, FrameDecoder } from '../src/index.ts';
import { byteByByte, concatenate, fromHex } from './support.ts';

const bodyOf = ({ bytes, start, end }: Frame) => bytes.subarray(start, end);

function framesOf(decoder: FrameDecoder, chunks: Iterable<Uint8Array>) {
  const frames: { type: number; body: Uint8Array }[] = [];
  for (const chunk of chunks) {
    decoder.push(chunk);
    for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) {
      frames.push({ type: frame.type, body: bodyOf(frame).slice() });
    }
  }
  return frames;
}

const frame = (type: number, body: Uint8Array) =>
  encodeFrame(type, 1_000_000, (writer) => writer.bytes(body));

// CHAT-FRAME-1
test('a frame is its length, its type and its body', () => {
  expect(
    framesOf(new FrameDecoder({ frameBytesMax: 100 }), [fromHex('00000004 2a 010203 00000001 2b')]),
  ).toEqual([
    { type: 0x2a, body: Uint8Array.of(1, 2, 3) },
    { type: 0x2b, body: new Uint8Array(0) },
  ]);
});

// CHAT-FRAME-3
describe('a limit of 100 bytes', () => {
  test('lets 100 bytes pass and stops 101 when their length is read', () => {
    const limit = { frameBytesMax: 100 };
    expect(framesOf(new FrameDecoder(limit), [frame(1, new Uint8Array(99))])).toHaveLength(1);
    const decoder = new FrameDecoder(limit);
    decoder.push(fromHex('00000065'));
    expect(() => decoder.next()).toThrow('expected a frame of at most 100 bytes, got one of 101');
    expect(() => encodeFrame(1, 100, (writer) => writer.bytes(new Uint8Array(100)))).toThrow(
      'at most 100 bytes',
    );
  });

  test('stops the largest length that can be written, also byte by byte', () => {
    const decoder = new FrameDecoder({ frameBytesMax: 100 });
    expect(() => framesOf(decoder, byteByByte(fromHex('ffffffff')))).toThrow('got one of 4294967295');
  });
});

// CHAT-FRAME-4
test('an empty frame is an error', () => {
  const decoder = new FrameDecoder({ frameBytesMax: 100 });
  decoder.push(fromHex('00000000'));
  expect(() => decoder.next()).toThrow(expect.objectContaining({ code: 'frame-empty' }));
});

test('memory grows with what has arrived, not with what was announced', () => {
  const decoder = new FrameDecoder({ frameBytesMax: 262_144 });
  decoder.push(fromHex('00040000 01'));
  expect(decoder.next()).toBeUndefined();
  expect(decoder.bufferedBytes).toBe(5);
  expect(decoder.reservedBytes).toBeLessThanOrEqual(64);
  for (const byte of byteByByte(new Uint8Array(995))) {
    decoder.push(byte);
    decoder.next();
    expect(decoder.reservedBytes).toBeLessThanOrEqual(Math.max(64, 2 * decoder.bufferedBytes));
  }
  expect(decoder.bufferedBytes).toBe(1_000);
});

test('a frame of 256 KiB in pieces of one byte is copied a few times at most', () => {
  const body = Uint8Array.from({ length: 262_143 }, (_, index) => index % 251);
  const [whole] = framesOf(new FrameDecoder({ frameBytesMax: 262_144 }), byteByByte(frame(9, body)));
  expect(whole?.body).toEqual(body);
});

test('the body of a frame stays as it is while later frames that span chunks are read', () => {
  const decoder = new FrameDecoder({ frameBytesMax: 100 });
  const bodies: Uint8Array[] = [];
  for (const chunk of byteByByte(concatenate(frame(1, Uint8Array.of(1, 1)), frame(2, Uint8Array.of(2, 2))))) {
    decoder.push(chunk);
    const read = decoder.next();
    if (read !== undefined) bodies.push(bodyOf(read));
  }
  expect(bodies).toEqual([Uint8Array.of(1, 1), Uint8Array.of(2, 2)]);
});

test('a decoder that still holds frames takes no more bytes', () => {
  const decoder = new FrameDecoder({ frameBytesMax: 100 });
  decoder.push(concatenate(frame(1, new Uint8Array(1)), frame(2, new Uint8Array(1))));
  decoder.next();
  expect(() => decoder.push(new Uint8Array(1))).toThrow('call next() until it returns undefined');
});
