import { expect, test } from 'vitest';
import { DeliveryRateEstimator } from '../../src/core/delivery-rate.ts';
import { PacketContent, SentPackets } from '../../src/core/sent-packets.ts';

const bytes = 1000;

class Bench {
  readonly packets = new SentPackets();
  readonly rate = new DeliveryRateEstimator();
  inFlight = 0;

  send(now: number): number {
    const packetNumber = this.packets.next;
    const slot = this.packets.append(now, bytes, PacketContent.ackEliciting);
    this.inFlight += bytes;
    this.rate.onPacketSent(this.packets, slot, now, this.inFlight);
    return packetNumber;
  }

  acknowledge(now: number, ...packetNumbers: number[]) {
    for (const packetNumber of packetNumbers) {
      this.rate.onPacketAcknowledged(this.packets, this.packets.slotOf(packetNumber), now);
      this.inFlight -= bytes;
    }
    return this.rate.takeSample(now, 10);
  }
}

// RUDP-RATE-1, RUDP-RATE-2
test('measures what was delivered since the newest acknowledged packet left', () => {
  const bench = new Bench();
  for (let index = 0; index < 20; index += 1) bench.send(index);
  for (let index = 0; index < 10; index += 1) bench.acknowledge(20 + index, index);
  const late = bench.send(30);
  for (let index = 10; index < 20; index += 1) bench.acknowledge(20 + index, index);
  const sample = bench.acknowledge(50, late);
  expect(sample).toMatchObject({
    deliveredBytes: 11 * bytes,
    priorDeliveredBytes: 10 * bytes,
    totalDeliveredBytes: 21 * bytes,
    inFlightBytesAtSend: 11 * bytes,
    isAppLimited: false,
  });
  expect(sample?.intervalMs).toBe(21);
  expect(sample?.deliveryRate).toBeCloseTo((11 * bytes * 1000) / 21, 6);
});

// RUDP-RATE-3
test('takes the longer of sending and acknowledging, so that compressed acknowledgements show no rate that the path lacks', () => {
  const bench = new Bench();
  for (let index = 0; index < 10; index += 1) bench.send(index * 10);
  const sample = bench.acknowledge(200, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
  expect(sample?.intervalMs).toBe(200);
  for (let index = 0; index < 10; index += 1) bench.send(300 + index * 10);
  bench.acknowledge(400, 10);
  const compressed = bench.acknowledge(400.1, 11, 12, 13, 14, 15, 16, 17, 18, 19);
  expect(compressed?.intervalMs).toBeGreaterThanOrEqual(90);
});

// RUDP-RATE-3
test('gives no sample over less than the minimum RTT, nor for a frame without news', () => {
  const bench = new Bench();
  bench.send(0);
  expect(bench.acknowledge(9, 0)).toBeUndefined();
  expect(bench.rate.takeSample(100, 10)).toBeUndefined();
});

// RUDP-RATE-4
test('marks samples as application-limited until all that was in flight then is delivered', () => {
  const bench = new Bench();
  bench.send(0);
  bench.rate.markApplicationLimited(bench.inFlight);
  bench.send(5);
  expect(bench.acknowledge(20, 0)?.isAppLimited).toBe(false);
  expect(bench.acknowledge(25, 1)?.isAppLimited).toBe(true);
  expect(bench.rate.isApplicationLimited).toBe(false);
  bench.send(30);
  expect(bench.acknowledge(50, 2)?.isAppLimited).toBe(false);
});

// RUDP-RATE-2
test('counts the losses between the send and the acknowledgement of a packet', () => {
  const bench = new Bench();
  for (let index = 0; index < 5; index += 1) bench.send(index);
  bench.rate.onPacketLost(bench.packets, bench.packets.slotOf(0));
  bench.rate.onPacketLost(bench.packets, bench.packets.slotOf(1));
  expect(bench.acknowledge(50, 2, 3, 4)?.lostBytes).toBe(2 * bytes);
});

test('starts a new interval after everything was acknowledged', () => {
  const bench = new Bench();
  bench.send(0);
  bench.acknowledge(20, 0);
  bench.send(1000);
  expect(bench.acknowledge(1020, 1)?.intervalMs).toBe(20);
});
