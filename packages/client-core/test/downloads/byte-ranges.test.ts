import { describe, expect, test } from 'vitest';
import { ByteRanges } from '../../src/transfers/byte-ranges.ts';
import { StreamLayout } from '../../src/transfers/stream-layout.ts';
import { seededRandom } from '../support/seeded-random.ts';

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
    const layout = new StreamLayout(4, ranges);
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
    expect(new StreamLayout(0, []).totalBytes).toBe(0);
  });
});
