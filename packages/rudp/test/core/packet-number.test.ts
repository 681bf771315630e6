import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expandPacketNumber, truncatePacketNumber } from '../../src/core/packets/packet-number.ts';
import { checkProperty } from '../support/properties.ts';

const WINDOW = 2 ** 32;
const HALF = WINDOW / 2;

// RUDP-PKT-5
test.each([
  { largest: -1, truncated: 0, full: 0 },
  { largest: -1, truncated: 5, full: 5 },
  { largest: 0, truncated: 1, full: 1 },
  // RFC 9000 A.3 (0xa82f30ea, 16 bits), with 32 bits sent.
  { largest: 0xa82f30ea, truncated: 0xa82f9b32, full: 0xa82f9b32 },
  // Around the first wrap.
  { largest: WINDOW - 1, truncated: 0, full: WINDOW },
  { largest: WINDOW - 2, truncated: WINDOW - 1, full: WINDOW - 1 },
  { largest: WINDOW - 2, truncated: 3, full: WINDOW + 3 },
  { largest: WINDOW + 3, truncated: WINDOW - 1, full: WINDOW - 1 },
  { largest: 5 * WINDOW + 17, truncated: 18, full: 5 * WINDOW + 18 },
  { largest: 5 * WINDOW + 17, truncated: WINDOW - 1, full: 5 * WINDOW - 1 },
  { largest: 2 ** 48 + 7, truncated: 8, full: 2 ** 48 + 8 },
])('expands $truncated after $largest to $full', ({ largest, truncated, full }) => {
  expect(expandPacketNumber(truncated, largest)).toBe(full);
});

// RUDP-PKT-5
test('of two numbers at the same distance it takes the larger, as RFC 9000 A.3 does', () => {
  const expected = 3 * WINDOW + HALF;
  // 3·2^32 and 4·2^32 are both half a window away from the expected number.
  expect(expandPacketNumber(0, expected - 1)).toBe(4 * WINDOW);
  expect(expandPacketNumber(0, expected - 2)).toBe(3 * WINDOW);
  expect(expandPacketNumber(1, expected - 1)).toBe(3 * WINDOW + 1);
});

// RUDP-PKT-5
test('never gives a number below 0', () => {
  expect(expandPacketNumber(WINDOW - 1, -1)).toBe(WINDOW - 1);
  expect(expandPacketNumber(WINDOW - 1, 10)).toBe(WINDOW - 1);
});

// RUDP-PKT-5
test('recovers every number within half a window of the expected one', () => {
  checkProperty(
    fc.property(
      fc.integer({ min: 0, max: 2 ** 50 }),
      fc.integer({ min: -HALF + 1, max: HALF }),
      (expected, distance) => {
        const full = expected + distance;
        fc.pre(full >= 0);
        expect(expandPacketNumber(truncatePacketNumber(full), expected - 1)).toBe(full);
      },
    ),
    { runs: 2000 },
  );
});
