import { expect, test } from 'vitest';
import { LossMeter } from '../../src/core/congestion/bbr/loss-meter.ts';

const NONE = { lostBytes: 0, largestLostPacketNumber: -1 };

// RUDP-CC-10
test('what is lost of packets that left in another way is not the doing of those that are acknowledged now', () => {
  const meter = new LossMeter(1000);
  meter.startStretch({ firstPacketNumber: 100, pacingGain: 1, isBelowCapacity: false });
  meter.advance(100, 'unknown');
  meter.count(50_000, { lostBytes: 20_000, largestLostPacketNumber: 99 });
  expect(meter.window).toEqual({ ackedBytes: 50_000, lostBytes: 0 });
  expect(meter.isExcessive).toBe(false);
  meter.count(0, { lostBytes: 20_000, largestLostPacketNumber: 100 });
  expect(meter.isExcessive).toBe(true);
});

// RUDP-CC-10
test.each([
  ['empty', true, 0.1],
  ['occupied', true, 0],
  ['empty', false, 0],
] as const)(
  'a loss that is found late belongs to the path if its packet left below capacity: %s, %j',
  (occupancy, isBelowCapacity, floor) => {
    const meter = new LossMeter(1000);
    meter.startStretch({ firstPacketNumber: 0, pacingGain: 0.9, isBelowCapacity });
    meter.startStretch({ firstPacketNumber: 1000, pacingGain: 1, isBelowCapacity: false });
    meter.advance(0, 'unknown');
    meter.count(900_000, NONE);
    meter.advance(1000, occupancy);
    meter.count(0, { lostBytes: 100_000, largestLostPacketNumber: 999 });
    expect(meter.floorRatio).toBeCloseTo(floor, 2);
  },
);
