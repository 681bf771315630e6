import { describe, expect, test } from 'vitest';
import { chunkBytesOf, chunkCountOf, troubleInRanges } from '../src/index.ts';

const GIB = 2 ** 30;

// CHAT-CHUNK-1
test.each([
  [0, 262_144, 0],
  [1, 262_144, 1],
  [262_144, 262_144, 1],
  [262_145, 262_144, 2],
  [16 * GIB, 262_144, 65_536],
  [16 * GIB + 1, 524_288, 32_769],
  [2 ** 40, 2 ** 24, 65_536],
  [Number.MAX_SAFE_INTEGER, 2 ** 37, 65_536],
])('a file of %i bytes has chunks of %i bytes, %i of them', (size, chunkBytes, count) => {
  expect(chunkBytesOf(size)).toBe(chunkBytes);
  expect(chunkCountOf(size)).toBe(count);
});

// CHAT-CHUNK-5
describe('ranges', () => {
  test.each([
    [[]],
    [[{ start: 0, end: 10 }]],
    [
      [
        { start: 0, end: 1 },
        { start: 1, end: 2 },
      ],
    ],
  ])('%j are parts of a file of 10 bytes', (ranges) => {
    expect(troubleInRanges(ranges, 10)).toBeUndefined();
  });

  test.each([
    ['holds nothing', [{ start: 3, end: 3 }]],
    ['holds nothing', [{ start: 3, end: 2 }]],
    ['goes beyond', [{ start: 0, end: 11 }]],
    [
      'begins before',
      [
        { start: 4, end: 6 },
        { start: 0, end: 2 },
      ],
    ],
    [
      'begins before',
      [
        { start: 0, end: 5 },
        { start: 4, end: 6 },
      ],
    ],
  ])('that make no sense are told why: %s', (words, ranges) => {
    expect(troubleInRanges(ranges, 10)).toContain(words);
  });
});
