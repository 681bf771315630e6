import { expect, test } from 'vitest';
import { DeliveryClock } from '../../src/core/recovery/delivery-clock.ts';
import { DeliveryRateEstimator } from '../../src/core/recovery/delivery-rate.ts';
import { PacketContent, SentPackets } from '../../src/core/recovery/sent-packets.ts';

const BYTES = 1000;

class Bench {
  readonly packets = new SentPackets();
  readonly rate = new DeliveryRateEstimator();
  inFlight = 0;

  send(now: number): number {
    const packetNumber = this.packets.next;
    const slot = this.packets.append(now, BYTES, PacketContent.ackEliciting);
    this.inFlight += BYTES;
    this.rate.onPacketSent(this.packets, slot, now, this.inFlight);
    return packetNumber;
  }

  acknowledge(now: number, ...packetNumbers: number[]) {
    return this.acknowledgeReceived(now, undefined, ...packetNumbers);
  }

  acknowledgeReceived(now: number, receivedAtMs: number | undefined, ...packetNumbers: number[]) {
    this.rate.startFrame(now, receivedAtMs);
    for (const packetNumber of packetNumbers) {
      this.rate.onPacketAcknowledged(this.packets, this.packets.slotOf(packetNumber));
      this.inFlight -= BYTES;
    }
    return this.rate.takeSample(10);
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
    deliveredBytes: 11 * BYTES,
    priorDeliveredBytes: 10 * BYTES,
    totalDeliveredBytes: 21 * BYTES,
    inFlightBytesAtSend: 11 * BYTES,
    isAppLimited: false,
  });
  expect(sample?.intervalMs).toBe(21);
  expect(sample?.deliveryRate).toBeCloseTo((11 * BYTES * 1000) / 21, 6);
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

// RUDP-RATE-3, RUDP-RATE-5
test('measures arrivals by the clock of the receiver, however late acknowledgements are written and read', () => {
  const bench = new Bench();
  const receiverAheadMs = 5_000_000;
  const received = (atMs: number) => receiverAheadMs + atMs;
  for (let index = 0; index < 10; index += 1) bench.send(index);
  bench.acknowledgeReceived(20, received(10), 0);
  for (let index = 10; index < 30; index += 1) bench.send(11 + index);
  // What arrived 1 ms apart is read together, after a stall of 50 ms.
  for (let index = 1; index < 20; index += 1) bench.acknowledgeReceived(79, received(10 + index), index);
  const sample = bench.acknowledgeReceived(79, received(41), 20);
  expect(sample?.intervalMs).toBe(31);
  expect(sample?.deliveredBytes).toBe(20 * BYTES);
});

// RUDP-RATE-5
test('takes an acknowledgement without a time for one that came as quickly as any', () => {
  const bench = new Bench();
  bench.send(0);
  bench.acknowledgeReceived(30, 10, 0);
  for (let index = 1; index < 4; index += 1) bench.send(30);
  // The first one was read 5 ms later than this one.
  bench.acknowledgeReceived(55, 40, 1);
  expect(bench.acknowledge(60, 2)?.intervalMs).toBeCloseTo(35, 1);
});

// RUDP-RATE-5
test('forgets what it knew of the way back as fast as clocks may drift apart', () => {
  const clock = new DeliveryClock();
  clock.startFrame(0, 1000);
  clock.startFrame(1000, 2010);
  expect(clock.estimate(1000)).toBe(1010);
  clock.startFrame(21_000, undefined);
  expect(clock.estimate(21_000)).toBe(21_000);
});

// RUDP-RATE-3
test('gives no sample over less than the minimum RTT, nor for a frame without news', () => {
  const bench = new Bench();
  bench.send(0);
  expect(bench.acknowledge(9, 0)).toBeUndefined();
  expect(bench.rate.takeSample(10)).toBeUndefined();
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
  expect(bench.acknowledge(50, 2, 3, 4)?.lostBytes).toBe(2 * BYTES);
});

test('starts a new interval after everything was acknowledged', () => {
  const bench = new Bench();
  bench.send(0);
  bench.acknowledge(20, 0);
  bench.send(1000);
  expect(bench.acknowledge(1020, 1)?.intervalMs).toBe(20);
});
