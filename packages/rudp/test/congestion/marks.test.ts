import { describe, expect, test } from 'vitest';
import { CubicController } from '../../src/core/congestion/cubic/cubic.ts';

const maxDatagramBytes = 1200;

describe('a mark of congestion', () => {
  // RUDP-ECN-6
  test('reduces the window of cubic to 0.7, once a round, and for good', () => {
    const cubic = new CubicController({ maxDatagramBytes });
    const mark = (largestAckedPacketNumber: number, nextPacketNumber: number) =>
      cubic.onCongestionMark({ now: 0, bytesInFlight: 12_000, largestAckedPacketNumber, nextPacketNumber });
    const before = cubic.congestionWindow;
    mark(5, 10);
    expect(cubic.slowStartThreshold).toBeCloseTo(0.7 * before);
    expect(cubic.isRecovery).toBe(true);
    mark(9, 12);
    expect(cubic.slowStartThreshold).toBeCloseTo(0.7 * before);
    cubic.onSpuriousLoss(0, 100_000, 0);
    expect(cubic.slowStartThreshold).toBeCloseTo(0.7 * before);
    cubic.onAcknowledgement({
      now: 50,
      ackedBytes: 6000,
      lostBytes: 0,
      lostPackets: 0,
      largestLostPacketNumber: -1,
      priorBytesInFlight: 12_000,
      bytesInFlight: 6000,
      largestAckedPacketNumber: 10,
      nextPacketNumber: 20,
      latestRttMs: 50,
      smoothedRttMs: 50,
      minRttMs: 50,
      rateSample: undefined,
    });
    const later = cubic.congestionWindow;
    mark(10, 20);
    expect(cubic.slowStartThreshold).toBeCloseTo(0.7 * later);
  });
});
