import { expect, test } from 'vitest';
import { BbrController } from '../../src/core/congestion/bbr/bbr.ts';

const PACKET_BYTES = 1200;
const RTT_MS = 20;

// RUDP-CC-9, RUDP-CC-13
test('PROBE_RTT without a single RTT sample leaves a pacing rate, and ends when one comes', () => {
  const controller = new BbrController({
    maxDatagramBytes: PACKET_BYTES,
    random: () => 0.5,
  });
  let now = 0;
  let packetNumber = 0;
  let deliveredBytes = 0;
  // A receiver's traffic: a packet now and then, acknowledged a round trip later.
  const exchange = (latestRttMs: number | undefined) => {
    controller.onPacketSent({ now, packetNumber, bytes: PACKET_BYTES, bytesInFlight: PACKET_BYTES });
    now += RTT_MS;
    deliveredBytes += PACKET_BYTES;
    controller.onAcknowledgement({
      now,
      ackedBytes: PACKET_BYTES,
      lostBytes: 0,
      lostPackets: 0,
      largestLostPacketNumber: -1,
      priorBytesInFlight: PACKET_BYTES,
      bytesInFlight: 0,
      largestAckedPacketNumber: packetNumber,
      nextPacketNumber: packetNumber + 1,
      latestRttMs,
      arrivals: [],
      smoothedRttMs: RTT_MS,
      minRttMs: RTT_MS,
      rateSample: {
        deliveryRate: (PACKET_BYTES * 1000) / RTT_MS,
        isAppLimited: false,
        intervalMs: RTT_MS,
        deliveredBytes: PACKET_BYTES,
        priorDeliveredBytes: deliveredBytes - PACKET_BYTES,
        totalDeliveredBytes: deliveredBytes,
        inFlightBytesAtSend: PACKET_BYTES,
        lostBytes: 0,
      },
    });
    packetNumber += 1;
  };
  for (let count = 0; controller.state !== 'probe-rtt'; count += 1) {
    expect(count).toBeLessThan(10_000);
    exchange(RTT_MS);
  }
  for (let count = 0; count < 50; count += 1) {
    exchange(undefined);
    expect(controller.pacingRate).toBeGreaterThan(0);
    expect(controller.congestionWindow).toBeGreaterThan(0);
  }
  for (let count = 0; count < 10; count += 1) exchange(RTT_MS);
  expect(controller.state).not.toBe('probe-rtt');
});
