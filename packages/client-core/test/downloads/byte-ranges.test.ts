import { seededRandom } from '@parley/netsim';
import { CHUNK_BYTES_MIN as CHUNK, piecesOf } from '@parley/protocol';
import { describe, expect, test } from 'vitest';
import { ByteRanges } from '../../src/transfers/byte-ranges.ts';
import { FollowingLayout, ListedLayout } from '../../src/transfers/stream-layout.ts';

const SPACE = 60;

/** The ranges of the places that are not set. */
function missingIn(places: readonly boolean[]): { start: number; end: number }[] {
  const missing: { start: number; end: number }[] = [];
  places.forEach((isSet, index) => {
    const last = missing.at(-1);
    if (isSet) return;
    if (last?.end === index) last.end = index + 1;
    else missing.push({ start: index, end: index + 1 });
  });
  return missing;
}

describe('a set of byte ranges', () => {
  test.each([1, 2, 3, 4, 5])('does what a row of marks does, seed %i', (seed) => {
    const random = seededRandom(seed);
    const ranges = new ByteRanges();
    const places = Array<boolean>(SPACE).fill(false);
    for (let step = 0; step < 2_000; step += 1) {
      const start = Math.floor(random() * SPACE);
      const end = Math.min(SPACE, start + Math.floor(random() * 8));
      const isAdded = random() < 0.6;
      if (isAdded) ranges.add(start, end);
      else ranges.remove(start, end);
      places.fill(isAdded, start, end);
      const from = Math.floor(random() * SPACE);
      const to = Math.min(SPACE, from + Math.floor(random() * 8));
      expect(ranges.covers(from, to)).toBe(places.slice(from, to).every(Boolean));
      expect(ranges.missing(SPACE, SPACE)).toEqual(missingIn(places));
      expect(ranges.totalBytes).toBe(places.filter(Boolean).length);
    }
    ranges.clear();
    expect(ranges.missing(SPACE, 1)).toEqual([{ start: 0, end: SPACE }]);
  });

  // CHAT-CHUNK-5
  test('tells the first of many missing parts, as many as a request holds', () => {
    const ranges = new ByteRanges();
    for (let start = 1; start < 4_000; start += 2) ranges.add(start, start + 1);
    const first = ranges.missing(4_000, 512);
    expect(first).toHaveLength(512);
    expect(first.at(-1)).toEqual({ start: 1_022, end: 1_023 });
  });
});

// CHAT-CHUNK-3
describe('the layout of a stream', () => {
  const ranges = [
    { start: 10, end: 13 },
    { start: 20, end: 21 },
    { start: 40, end: 50 },
  ];

  test.each([1, 3, 5, 100])('gives each byte its place, in segments of %i', (segmentBytes) => {
    const layout = new ListedLayout(4, ranges);
    expect(layout.totalBytes).toBe(18);
    const stream = Uint8Array.from({ length: 18 }, (_, index) => index);
    const list: number[] = [];
    const file = new Map<number, number>();
    const starts: number[] = [];
    for (let start = 0; start < 18; start += segmentBytes) starts.push(start);
    for (const start of starts.reverse()) {
      layout.deliver(start, stream.subarray(start, start + segmentBytes), {
        takeList: (offset, bytes) => {
          for (const [index, byte] of bytes.entries()) list[offset + index] = byte;
        },
        takeFile: (offset, bytes) => {
          for (const [index, byte] of bytes.entries()) file.set(offset + index, byte);
        },
        takeChunkHash: () => expect.fail('there is no digest among the bytes'),
        takeTrailer: () => expect.fail('there is nothing behind the bytes'),
      });
    }
    expect(list).toEqual([0, 1, 2, 3]);
    const placesInFile = ranges.flatMap(({ start, end }) =>
      Array.from({ length: end - start }, (_, index) => start + index),
    );
    expect([...file].sort(([left], [right]) => left - right)).toEqual(
      placesInFile.map((place, index) => [place, index + 4]),
    );
  });

  test('may be empty', () => {
    expect(new ListedLayout(0, []).totalBytes).toBe(0);
  });
});

// CHAT-DIGEST-2
describe('the layout of a stream whose digests follow', () => {
  const size = 5 * CHUNK + 77;
  const ranges = [
    { start: 10, end: 13 },
    { start: CHUNK - 2, end: 3 * CHUNK + 5 },
    { start: 4 * CHUNK, end: 5 * CHUNK },
    { start: 5 * CHUNK + 76, end: size },
  ];

  test.each([31, 1_000, 65_536, 10_000_000])(
    'gives each byte its place, in segments of %i',
    (segmentBytes) => {
      const layout = new FollowingLayout(size, ranges);
      /** Of each byte of the stream: whose it is, and its place there. */
      const expected: string[] = [];
      for (const range of ranges) {
        for (const { start, end } of piecesOf(range, size)) {
          const piece = expected.length;
          for (let offset = start; offset < end; offset += 1) expected.push(`file ${offset}`);
          const index = Math.floor(start / CHUNK);
          for (let offset = 0; offset < 32; offset += 1) expected.push(`hash ${index} ${piece} ${offset}`);
        }
      }
      for (let offset = 0; offset < 64; offset += 1) expected.push(`trailer ${offset}`);
      expect(layout.totalBytes).toBe(expected.length);
      const found: string[] = [];
      const bytes = new Uint8Array(expected.length);
      for (let start = 0; start < expected.length; start += segmentBytes) {
        const note = (about: string, offset: number, part: Uint8Array) => {
          for (let place = 0; place < part.byteLength; place += 1) found.push(`${about} ${offset + place}`);
        };
        layout.deliver(start, bytes.subarray(start, start + segmentBytes), {
          takeList: () => expect.fail('there is no list'),
          takeFile: (offset, part) => note('file', offset, part),
          takeChunkHash: ({ index, piece }, offset, part) => note(`hash ${index} ${piece}`, offset, part),
          takeTrailer: (offset, part) => note('trailer', offset, part),
        });
      }
      expect(found.findIndex((one, place) => one !== expected[place])).toBe(-1);
      expect(found).toHaveLength(expected.length);
    },
  );
});
