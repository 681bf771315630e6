import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expandPacketNumber, packetNumberBytes } from '../../src/core/packets/packet-number.ts';
import { checkProperty } from '../support/properties.ts';

const WINDOW = 2 ** 32;

/** The low bytes of a packet number. */
const lowBytesOf = (packetNumber: number, numberBytes: number) => packetNumber % 2 ** (8 * numberBytes);

// RUDP-PKT-8
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
  expect(expandPacketNumber(truncated, 4, largest)).toBe(full);
});

// RUDP-PKT-8
test('expands 16 bits as the example of RFC 9000 A.3 does', () => {
  expect(expandPacketNumber(0x9b32, 2, 0xa82f30ea)).toBe(0xa82f9b32);
});

// RUDP-PKT-5
test('takes as many bytes as the examples of RFC 9000 A.2 do', () => {
  expect(packetNumberBytes(0xac5c02, 0xabe8b3)).toBe(2);
  expect(packetNumberBytes(0xace8fe, 0xabe8b3)).toBe(3);
});

// RUDP-PKT-5
test.each([
  { distance: 1, bytes: 2 },
  { distance: 2 ** 15, bytes: 2 },
  { distance: 2 ** 15 + 1, bytes: 3 },
  { distance: 2 ** 23, bytes: 3 },
  { distance: 2 ** 23 + 1, bytes: 4 },
  { distance: 2 ** 31, bytes: 4 },
])('a number $distance above the largest acknowledged takes $bytes bytes', ({ distance, bytes }) => {
  for (const acknowledged of [-1, 0, 70_000, 2 ** 40])
    expect(packetNumberBytes(acknowledged + distance, acknowledged)).toBe(bytes);
});

// RUDP-PKT-8
test.each([1, 2, 3, 4])('of two numbers at the same distance it takes the larger (%i bytes)', (bytes) => {
  const window = 2 ** (8 * bytes);
  const expected = 3 * window + window / 2;
  expect(expandPacketNumber(0, bytes, expected - 1)).toBe(4 * window);
  expect(expandPacketNumber(0, bytes, expected - 2)).toBe(3 * window);
  expect(expandPacketNumber(1, bytes, expected - 1)).toBe(3 * window + 1);
});

// RUDP-PKT-8
test.each([1, 2, 3, 4])('never gives a number below 0 (%i bytes)', (bytes) => {
  const last = 2 ** (8 * bytes) - 1;
  expect(expandPacketNumber(last, bytes, -1)).toBe(last);
  expect(expandPacketNumber(last, bytes, 10)).toBe(last);
});

// RUDP-PKT-8
test.each([1, 2, 3, 4])(
  'recovers every number within half a window of the expected one (%i bytes)',
  (bytes) => {
    const half = 2 ** (8 * bytes) / 2;
    checkProperty(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 50 }),
        fc.integer({ min: -half + 1, max: half }),
        (expected, distance) => {
          const full = expected + distance;
          fc.pre(full >= 0);
          expect(expandPacketNumber(lowBytesOf(full, bytes), bytes, expected - 1)).toBe(full);
        },
      ),
      { runs: 1000 },
    );
  },
);

// RUDP-PKT-5, RUDP-PKT-8
test('what a sender truncates, a receiver recovers, whatever it has received since the last acknowledgement', () => {
  checkProperty(
    fc.property(
      fc.integer({ min: -1, max: 2 ** 45 }),
      fc.integer({ min: 1, max: 2 ** 26 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.integer({ min: 0, max: 2 ** 15 - 2 }),
      (acknowledged, distance, share, overtakenBy) => {
        const full = acknowledged + distance;
        const bytes = packetNumberBytes(full, acknowledged);
        const truncated = lowBytesOf(full, bytes);
        // In order, and overtaken by later ones.
        const received = acknowledged + Math.floor(share * (distance - 1));
        expect(expandPacketNumber(truncated, bytes, received)).toBe(full);
        expect(expandPacketNumber(truncated, bytes, full + overtakenBy)).toBe(full);
      },
    ),
    { runs: 2000 },
  );
});
