import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AckFrame, encodeAckFrame } from '../../src/core/frames/ack-frame.ts';
import { ByteReader, MalformedPacketError } from '../../src/core/structures/byte-reader.ts';
import { ByteWriter } from '../../src/core/structures/byte-writer.ts';
import { RangeSet } from '../../src/core/structures/range-set.ts';
import { fromHex, toHex } from '../support/bytes.ts';
import { checkProperty } from '../support/properties.ts';

function encode(
  ranges: readonly (readonly [number, number])[],
  options: { delayMs?: number; room?: number } = {},
): { body: Uint8Array; rangeCount: number } {
  const received = new RangeSet();
  for (const [start, end] of ranges) received.add(start, end);
  const writer = new ByteWriter(new Uint8Array(2000));
  const rangeCount = encodeAckFrame(writer, received, options.delayMs ?? 0, options.room ?? 2000);
  return { body: writer.bytes.subarray(0, writer.position), rangeCount };
}

function decode(body: Uint8Array): { largest: number; delayMs: number; ranges: [number, number][] } {
  const frame = new AckFrame();
  const reader = new ByteReader(body);
  frame.decode(reader);
  expect(reader.remaining).toBe(0);
  const ranges = Array.from({ length: frame.rangeCount }, (_, index): [number, number] => [
    frame.bounds[2 * index] as number,
    frame.bounds[2 * index + 1] as number,
  ]);
  return { largest: frame.largest, delayMs: frame.delayMs, ranges };
}

describe('golden bytes', () => {
  test('one packet', () => {
    expect(toHex(encode([[0, 1]]).body)).toBe('00000000');
  });

  test('three ranges and a delay', () => {
    // Packets 0–4, 7 and 10–99; 25 ms are 3,125 units of 8 µs.
    const { body, rangeCount } = encode(
      [
        [0, 5],
        [7, 8],
        [10, 100],
      ],
      { delayMs: 25 },
    );
    expect([toHex(body), rangeCount]).toEqual(['4063' + '4c35' + '02' + '4059' + '0100' + '0104', 3]);
  });

  test('the same bytes give the ranges back, newest first', () => {
    expect(decode(fromHex('4063 4c35 02 4059 0100 0104'))).toEqual({
      largest: 99,
      delayMs: 25,
      ranges: [
        [10, 100],
        [7, 8],
        [0, 5],
      ],
    });
  });
});

const receivedRanges = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: 1, max: 100_000 })), {
    minLength: 1,
    maxLength: 100,
  })
  .map((gapsAndLengths) => {
    let end = -1;
    return gapsAndLengths.map(([gap, length]): [number, number] => {
      const start = end + gap;
      end = start + length;
      return [start, end];
    });
  });

// RUDP-ACK-3
test('reports the newest ranges, as many as fit, at most 64', () => {
  checkProperty(
    fc.property(receivedRanges, fc.integer({ min: 26, max: 900 }), (ranges, room) => {
      const { body, rangeCount } = encode(ranges, { room });
      expect(body.length).toBeLessThanOrEqual(room);
      expect(rangeCount).toBeGreaterThan(0);
      expect(rangeCount).toBeLessThanOrEqual(64);
      expect(decode(body).ranges).toEqual(ranges.slice(-rangeCount).reverse());
      expect(rangeCount).toBe(Math.min(ranges.length, 64, 1 + Math.floor((room - 26) / 8)));
    }),
    { runs: 300 },
  );
});

test('writes nothing when not even one range is sure to fit', () => {
  expect(encode([[0, 1]], { room: 25 })).toMatchObject({ rangeCount: 0, body: new Uint8Array(0) });
});

test('a negative delay, from a clock that stood still, is none', () => {
  expect(decode(encode([[3, 4]], { delayMs: -0.5 }).body).delayMs).toBe(0);
});

function frameWithGaps(gaps: number): Uint8Array {
  return fromHex(`43e8 00 ${(0x4000 + gaps).toString(16)} 00 ${'0000'.repeat(gaps)}`);
}

// RUDP-ACK-2
test('63 gaps are fine, 64 are malformed', () => {
  expect(decode(frameWithGaps(63)).ranges).toHaveLength(64);
  expect(() => decode(frameWithGaps(64))).toThrow(MalformedPacketError);
});

// RUDP-ACK-2
test.each([
  ['the first range down to packet 0', '05 00 00 05', true],
  ['the first range below packet 0', '05 00 00 06', false],
  ['the second range down to packet 0', '05 00 01 01 01 01', true],
  ['the second range below packet 0', '05 00 01 01 01 02', false],
  ['a gap below packet 0', '05 00 01 01 04 00', false],
])('%s: fine is %s', (_name, digits, isFine) => {
  const decoding = () => decode(fromHex(digits));
  if (isFine) expect(decoding).not.toThrow();
  else expect(decoding).toThrow(MalformedPacketError);
});

test('a frame that is cut off anywhere is malformed', () => {
  const body = fromHex('4063 4c35 02 4059 0100 0104');
  for (let length = 0; length < body.length; length += 1) {
    expect(() => new AckFrame().decode(new ByteReader(body.subarray(0, length)))).toThrow(
      MalformedPacketError,
    );
  }
});
