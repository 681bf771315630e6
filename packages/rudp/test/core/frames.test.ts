import { describe, expect, test } from 'vitest';
import { decodeFrames, encodeReset } from '../../src/core/frames/frames.ts';
import { ByteReader, MalformedPacketError } from '../../src/core/structures/byte-reader.ts';
import { ByteWriter } from '../../src/core/structures/byte-writer.ts';
import { concatenate, fromHex, toHex } from '../support/bytes.ts';
import { decodeFrameList, encodeFrame, type Frame } from '../support/frames.ts';

const goldenFrames: readonly { readonly name: string; readonly frame: Frame; readonly digits: string }[] = [
  { name: 'PADDING', frame: { type: 'padding' }, digits: '00' },
  { name: 'PING', frame: { type: 'ping' }, digits: '01' },
  {
    name: 'ACK',
    frame: {
      type: 'ack',
      delayMs: 8,
      ranges: [
        [2, 10],
        [0, 1],
      ],
    },
    digits: '02 09 43e8 01 07 00 00',
  },
  {
    name: 'ACK-ECN',
    frame: { type: 'ack', delayMs: 0, ranges: [[0, 10]], ecn: { ect0: 8, ect1: 0, congestion: 300 } },
    digits: '0a 09 00 00 09 08 00 412c',
  },
  {
    name: 'RECEIVE-TIME',
    frame: { type: 'receive-time', microseconds: 0xfedcba98, earlier: [] },
    digits: '10 fedcba98 00',
  },
  {
    name: 'RECEIVE-TIME with earlier packets',
    frame: {
      type: 'receive-time',
      microseconds: 1,
      earlier: [
        { packetsBelow: 100, microsecondsBefore: 1000 },
        { packetsBelow: 4, microsecondsBefore: 0 },
      ],
    },
    digits: '10 00000001 02 4064 43e8 04 00',
  },
  { name: 'RESET', frame: { type: 'reset', code: 0x123, reason: 'gone' }, digits: '03 4123 04 676f6e65' },
  { name: 'MAX-DATA', frame: { type: 'max-data', bytesMax: 1 << 20 }, digits: '04 80100000' },
  { name: 'FIN', frame: { type: 'fin', finalSize: 104_857_600 }, digits: '05 86400000' },
  { name: 'HANDSHAKE-ACK', frame: { type: 'handshake-ack' }, digits: '06' },
  {
    name: 'STREAM',
    frame: { type: 'stream', offset: 16_384, bytes: fromHex('cafe') },
    digits: '2a 4000 0002 cafe',
  },
  {
    name: 'STREAM with an offset of seven bytes',
    frame: { type: 'stream', offset: Number.MAX_SAFE_INTEGER, bytes: fromHex('cafe') },
    digits: '2f 1fffffffffffff 0002 cafe',
  },
  { name: 'an empty STREAM', frame: { type: 'stream', offset: 0, bytes: fromHex('') }, digits: '28 0000' },
];

describe('golden bytes', () => {
  test.each(goldenFrames)('$name', ({ frame, digits }) => {
    expect(toHex(encodeFrame(frame))).toBe(digits.replaceAll(' ', ''));
    expect(decodeFrameList(fromHex(digits))).toEqual(frame.type === 'padding' ? [] : [frame]);
  });

  test('all of them in one packet come in their order', () => {
    const packet = concatenate(...goldenFrames.map(({ digits }) => fromHex(digits)));
    expect(decodeFrameList(packet)).toEqual(
      goldenFrames.map(({ frame }) => frame).filter(({ type }) => type !== 'padding'),
    );
  });
});

describe('what is not a frame', () => {
  // RUDP-FRAME-1
  test('an empty packet is malformed, padding alone is not', () => {
    expect(() => decodeFrameList(new Uint8Array(0))).toThrow(MalformedPacketError);
    expect(decodeFrameList(new Uint8Array(50))).toEqual([]);
  });

  // RUDP-FRAME-1
  test('every type that is not in the table is malformed', () => {
    for (let type = 0x0b; type <= 0xff; type += 1) {
      if (type === 0x10 || (type >= 0x20 && type <= 0x2f)) continue;
      expect(() => decodeFrameList(Uint8Array.of(type, 0, 0, 0, 0, 0, 0, 0))).toThrow(
        `unknown frame type 0x${type.toString(16)}`,
      );
    }
  });

  // RUDP-FRAME-1
  test.each(goldenFrames)('$name cut off anywhere is malformed', ({ digits }) => {
    const whole = fromHex(digits);
    for (let length = 1; length < whole.length; length += 1) {
      expect(() => decodeFrameList(whole.subarray(0, length))).toThrow(MalformedPacketError);
    }
  });

  test('a reason of 128 bytes is fine, of 129 is malformed', () => {
    const reset = (length: number) =>
      concatenate(fromHex('03 00'), Uint8Array.of(length), new Uint8Array(length));
    expect(decodeFrameList(reset(128))).toHaveLength(1);
    expect(() => decodeFrameList(reset(129))).toThrow(MalformedPacketError);
  });
});

describe('the reason of a RESET', () => {
  function encoded(reason: string): Uint8Array {
    const writer = new ByteWriter(new Uint8Array(400));
    encodeReset(writer, 7, reason);
    return writer.bytes.subarray(0, writer.position);
  }

  test('is cut to 128 bytes', () => {
    expect(decodeFrameList(encoded('x'.repeat(300)))).toEqual([
      { type: 'reset', code: 7, reason: 'x'.repeat(128) },
    ]);
  });

  test('is printable ASCII on both ends: a peer cannot smuggle control characters into a log', () => {
    expect(decodeFrameList(encoded('tab\tsmile🙂end'))).toEqual([
      { type: 'reset', code: 7, reason: 'tab?smile?end' },
    ]);
    expect(decodeFrameList(fromHex('03 07 04 1b 0a 41 ff'))).toEqual([
      { type: 'reset', code: 7, reason: '??A?' },
    ]);
  });
});

test('stream bytes come as a view of the packet, without a copy', () => {
  const packet = fromHex('28 0002 cafe');
  const seen: Uint8Array[] = [];
  const handler = { handleStream: (_offset: number, bytes: Uint8Array) => seen.push(bytes) };
  decodeFrames(new ByteReader(packet), handler as never);
  expect(seen[0]?.buffer).toBe(packet.buffer);
});
