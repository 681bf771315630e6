import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expandPacketNumber, truncatePacketNumber } from '../../src/core/packets/packet-number.ts';
import { checkProperty } from '../support/properties.ts';

const window = 2 ** 32;
const half = window / 2;

// RUDP-PKT-5
test.each([
  { largest: -1, truncated: 0, full: 0 },
  { largest: -1, truncated: 5, full: 5 },
  { largest: 0, truncated: 1, full: 1 },
  // RFC 9000 A.3 (0xa82f30ea, 16 bits), with 32 bits sent.
  { largest: 0xa82f30ea, truncated: 0xa82f9b32, full: 0xa82f9b32 },
  // Around the first wrap.
  { largest: window - 1, truncated: 0, full: window },
  { largest: window - 2, truncated: window - 1, full: window - 1 },
  { largest: window - 2, truncated: 3, full: window + 3 },
  { largest: window + 3, truncated: window - 1, full: window - 1 },
  { largest: 5 * window + 17, truncated: 18, full: 5 * window + 18 },
  { largest: 5 * window + 17, truncated: window - 1, full: 5 * window - 1 },
  { largest: 2 ** 48 + 7, truncated: 8, full: 2 ** 48 + 8 },
])('expands $truncated after $largest to $full', ({ largest, truncated, full }) => {
  expect(expandPacketNumber(truncated, largest)).toBe(full);
});

// RUDP-PKT-5
test('of two numbers at the same distance it takes the larger, as RFC 9000 A.3 does', () => {
  const expected = 3 * window + half;
  // 3·2^32 and 4·2^32 are both half a window away from the expected number.
  expect(expandPacketNumber(0, expected - 1)).toBe(4 * window);
  expect(expandPacketNumber(0, expected - 2)).toBe(3 * window);
  expect(expandPacketNumber(1, expected - 1)).toBe(3 * window + 1);
});

// RUDP-PKT-5
test('never gives a number below 0', () => {
  expect(expandPacketNumber(window - 1, -1)).toBe(window - 1);
  expect(expandPacketNumber(window - 1, 10)).toBe(window - 1);
});

// RUDP-PKT-5
test('recovers every number within half a window of the expected one', () => {
  checkProperty(
    fc.property(
      fc.integer({ min: 0, max: 2 ** 50 }),
      fc.integer({ min: -half + 1, max: half }),
      (expected, distance) => {
        const full = expected + distance;
        fc.pre(full >= 0);
        expect(expandPacketNumber(truncatePacketNumber(full), expected - 1)).toBe(full);
      },
    ),
    { runs: 2000 },
  );
});
