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

// RUDP-CC-15
test.each([
  ['of this period leave its count', 'empty', 20_000, { lostBytes: 30_000, floor: 0.1 }],
  ['of the last period leave what that has taught', 'empty', 100_000, { lostBytes: 0, floor: 0.05 }],
  ['of a period that taught nothing take nothing away', 'occupied', 100_000, { lostBytes: 0, floor: 0.097 }],
] as const)('packets that come after they were lost: those %s', (_what, occupancy, bytes, expected) => {
  const meter = new LossMeter(1000);
  meter.learn({ ackedBytes: 900_000, lostBytes: 100_000 });
  meter.startStretch({ firstPacketNumber: 0, pacingGain: 0.9, isBelowCapacity: true });
  meter.advance(0, 'unknown');
  meter.endWindow(occupancy, 50);
  meter.count(400_000, { lostBytes: 50_000, largestLostPacketNumber: 10 });
  meter.forgive(bytes);
  expect(meter.window).toEqual({ ackedBytes: 400_000, lostBytes: expected.lostBytes });
  expect(meter.floorRatio).toBeCloseTo((expected.floor * 1000) / 1020, 3);
});
