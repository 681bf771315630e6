import { createRandom } from '@parley/netsim';
import { expect, test } from 'vitest';
import { Pacer } from '../../src/core/congestion/pacer.ts';

const DATAGRAM_BYTES = 1452;
const RATE = 12_500_000;

function pacerAt(bytesPerSecond: number, minRttMs = 50): Pacer {
  const pacer = new Pacer();
  pacer.setRate(0, { bytesPerSecond, maxDatagramBytes: DATAGRAM_BYTES, minRttMs });
  return pacer;
}

/** Sends whatever the pacer allows at each wake-up; `lateMs` is added to each wait. Returns the bytes sent by then. */
function drive(pacer: Pacer, untilMs: number, lateMs: () => number): number {
  let now = 0;
  let sentBytes = 0;
  while (now < untilMs) {
    while (pacer.availableBytes(now) > 0) {
      pacer.onSent(now, DATAGRAM_BYTES);
      sentBytes += DATAGRAM_BYTES;
    }
    now = pacer.nextSendAt(now) + lateMs();
  }
  return sentBytes;
}

// RUDP-PACE-3
test('keeps the rate when it is woken in time', () => {
  expect(drive(pacerAt(RATE), 1000, () => 0)).toBeCloseTo(RATE, -5.1);
});

// RUDP-PACE-2
test('keeps the rate in the long run when every wake-up is up to three milliseconds late', () => {
  const random = createRandom(7);
  const sent = drive(pacerAt(RATE), 10_000, () => 3 * random.ratio());
  expect(sent / (RATE * 10)).toBeGreaterThan(0.99);
  expect(sent / (RATE * 10)).toBeLessThan(1.01);
});

// RUDP-PACE-2
test('does not make up for more than four milliseconds', () => {
  const pacer = pacerAt(RATE);
  drive(pacer, 100, () => 0);
  expect(pacer.availableBytes(1000)).toBeLessThanOrEqual(RATE * 0.004 + pacer.quantumBytes);
});

// RUDP-PACE-2
test('makes up for half a round trip or 32 KB on a short path, and for a whole stall on the machine itself', () => {
  const available = (bytesPerSecond: number, minRttMs: number) => {
    const pacer = pacerAt(bytesPerSecond, minRttMs);
    drive(pacer, 100, () => 0);
    return (pacer.availableBytes(1000) - pacer.quantumBytes) / bytesPerSecond;
  };
  expect(available(RATE, 2)).toBeCloseTo(32_768 / RATE, 4);
  expect(available(10 * RATE, 2)).toBeCloseTo(0.001, 4);
  expect(available(RATE / 2, 2)).toBeCloseTo(0.004, 4);
  expect(available(RATE, 0.3)).toBeCloseTo(0.01, 4);
});

// RUDP-PACE-1
test.each([
  { bytesPerSecond: 100_000, quantumBytes: 2 * DATAGRAM_BYTES },
  { bytesPerSecond: RATE, quantumBytes: 12_500 },
  { bytesPerSecond: 1e9, quantumBytes: 65_536 },
])('sends trains of a millisecond, two datagrams to 64 KiB: $bytesPerSecond B/s', (expected) => {
  expect(pacerAt(expected.bytesPerSecond).quantumBytes).toBe(expected.quantumBytes);
});

// RUDP-PACE-1
test.each([
  { bytesPerSecond: 5 * RATE, minRttMs: 2, quantumBytes: 31_250 },
  { bytesPerSecond: 5 * RATE, minRttMs: 4, quantumBytes: 62_500 },
  { bytesPerSecond: 2 * RATE, minRttMs: 2, quantumBytes: 16_384 },
  { bytesPerSecond: RATE, minRttMs: 2, quantumBytes: 12_500 },
  { bytesPerSecond: 5 * RATE, minRttMs: 0.9, quantumBytes: 62_500 },
])('sends trains of a quarter of a short round trip: $bytesPerSecond B/s, $minRttMs ms', (expected) => {
  const { bytesPerSecond, minRttMs, quantumBytes } = expected;
  expect(pacerAt(bytesPerSecond, minRttMs).quantumBytes).toBe(quantumBytes);
});

// RUDP-PACE-4
test('holds nothing back before there is a rate', () => {
  const pacer = pacerAt(Number.POSITIVE_INFINITY);
  pacer.onSent(0, 1e9);
  expect(pacer.availableBytes(0)).toBe(Number.POSITIVE_INFINITY);
  expect(pacer.nextSendAt(5)).toBe(5);
});

test('never asks to be woken at a time at which it then lets nothing go', () => {
  const random = createRandom(11);
  for (let round = 0; round < 200; round += 1) {
    const pacer = pacerAt(1e5 + 1e8 * random.ratio());
    let now = 1000 * random.ratio();
    pacer.availableBytes(now);
    for (let train = 0; train < 20; train += 1) {
      while (pacer.availableBytes(now) > 0) pacer.onSent(now, 100 + 1400 * random.ratio());
      now = pacer.nextSendAt(now);
      expect(pacer.availableBytes(now)).toBeGreaterThan(0);
    }
  }
});

// RUDP-RATE-4
test('tells who comes back too late to catch up, once, and nobody who was not told to wait', () => {
  const pacer = new Pacer();
  const setRate = (now: number) =>
    pacer.setRate(now, {
      bytesPerSecond: RATE,
      maxDatagramBytes: DATAGRAM_BYTES,
      minRttMs: 50,
      catchUpMs: 10,
    });
  setRate(0);
  expect(pacer.takeLateness(100)).toBe(false);
  const waitFrom = (now: number) => {
    setRate(now);
    pacer.onSent(now, pacer.availableBytes(now));
    return pacer.nextSendAt(now);
  };
  expect(pacer.takeLateness(waitFrom(100) + 10)).toBe(false);
  const dueAtMs = waitFrom(200);
  expect(pacer.takeLateness(dueAtMs + 10.1)).toBe(true);
  expect(pacer.takeLateness(dueAtMs + 20)).toBe(false);
});
