import { expect, test } from 'vitest';
import { BbrController } from '../../src/core/congestion/bbr/bbr.ts';

const packetBytes = 1200;
const rttMs = 20;

// RUDP-CC-9, RUDP-CC-13
test('PROBE_RTT without a single RTT sample leaves a pacing rate, and ends when one comes', () => {
  const controller = new BbrController({
    maxDatagramBytes: packetBytes,
    random: () => 0.5,
  });
  let now = 0;
  let packetNumber = 0;
  let deliveredBytes = 0;
  // A receiver's traffic: a packet now and then, acknowledged a round trip later.
  const exchange = (latestRttMs: number | undefined) => {
    controller.onPacketSent({ now, packetNumber, bytes: packetBytes, bytesInFlight: packetBytes });
    now += rttMs;
    deliveredBytes += packetBytes;
    controller.onAcknowledgement({
      now,
      ackedBytes: packetBytes,
      lostBytes: 0,
      lostPackets: 0,
      largestLostPacketNumber: -1,
      priorBytesInFlight: packetBytes,
      bytesInFlight: 0,
      largestAckedPacketNumber: packetNumber,
      nextPacketNumber: packetNumber + 1,
      latestRttMs,
      arrivals: [],
      smoothedRttMs: rttMs,
      minRttMs: rttMs,
      rateSample: {
        deliveryRate: (packetBytes * 1000) / rttMs,
        isAppLimited: false,
        intervalMs: rttMs,
        deliveredBytes: packetBytes,
        priorDeliveredBytes: deliveredBytes - packetBytes,
        totalDeliveredBytes: deliveredBytes,
        inFlightBytesAtSend: packetBytes,
        lostBytes: 0,
      },
    });
    packetNumber += 1;
  };
  for (let count = 0; controller.state !== 'probe-rtt'; count += 1) {
    expect(count).toBeLessThan(10_000);
    exchange(rttMs);
  }
  for (let count = 0; count < 50; count += 1) {
    exchange(undefined);
    expect(controller.pacingRate).toBeGreaterThan(0);
    expect(controller.congestionWindow).toBeGreaterThan(0);
  }
  for (let count = 0; count < 10; count += 1) exchange(rttMs);
  expect(controller.state).not.toBe('probe-rtt');
});
