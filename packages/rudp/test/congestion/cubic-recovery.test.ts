import { describe, expect, test } from 'vitest';
import { ProportionalRateReduction } from '../../src/core/congestion/cubic/proportional-rate-reduction.ts';
import { CubicFlow, SEGMENT_BYTES } from './cubic-flow.ts';

/** A recovery of 20 packets in flight of which the first `lost` are lost; the others arrive one by one. Returns what each ACK lets go. */
function sendsPerAck(lost: number, threshold: number): { sends: number[]; inFlight: number } {
  const reduction = new ProportionalRateReduction({
    flightBytes: 20 * SEGMENT_BYTES,
    thresholdBytes: threshold * SEGMENT_BYTES,
  });
  let inFlight = 20 - lost;
  const sends: number[] = [];
  for (let index = 0; index < 20 - lost; index += 1) {
    inFlight -= 1;
    const windowBytes = reduction.windowAfter({
      deliveredBytes: SEGMENT_BYTES,
      bytesInFlight: inFlight * SEGMENT_BYTES,
      isSafe: index > 0,
      maxDatagramBytes: SEGMENT_BYTES,
    });
    const count = Math.floor(windowBytes / SEGMENT_BYTES) - inFlight;
    reduction.onSent(count * SEGMENT_BYTES);
    inFlight += count;
    sends.push(count);
  }
  return { sends, inFlight };
}

describe('proportional rate reduction', () => {
  // RUDP-CUBIC-7: the first example of RFC 9937, one loss among 20 packets and a window that is halved.
  test('sends a packet for every second one that arrives when the window is to be halved', () => {
    const { sends, inFlight } = sendsPerAck(1, 10);
    // At the threshold it goes on with one for each that arrives.
    expect(sends).toEqual([1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 0, 1, 1]);
    expect(inFlight).toBe(10);
  });

  // RUDP-CUBIC-7: the same with the reduction of CUBIC.
  test('sends seven packets for ten that arrive when the window is to be 0.7 times its size', () => {
    const { sends, inFlight } = sendsPerAck(1, 14);
    expect(sends.reduce((sum, count) => sum + count, 0)).toBe(14);
    expect(Math.max(...sends)).toBe(1);
    expect(inFlight).toBe(14);
  });

  // RUDP-CUBIC-7: the second example of RFC 9937, a burst that loses 15 of 20 packets.
  test('sends what arrives, and one packet more while nothing else is lost, when losses have emptied the path', () => {
    const { sends, inFlight } = sendsPerAck(15, 10);
    expect(sends).toEqual([1, 2, 2, 2, 2]);
    expect(inFlight).toBeLessThanOrEqual(10);
  });

  // RUDP-CUBIC-7
  test('lets the first repeat leave even when nothing has been delivered', () => {
    const reduction = new ProportionalRateReduction({ flightBytes: 20_000, thresholdBytes: 14_000 });
    const progress = { deliveredBytes: 0, isSafe: false, maxDatagramBytes: SEGMENT_BYTES };
    expect(reduction.windowAfter({ ...progress, bytesInFlight: 19_000 })).toBe(20_000);
    reduction.onSent(SEGMENT_BYTES);
    expect(reduction.windowAfter({ ...progress, bytesInFlight: 20_000 })).toBe(20_000);
  });

  // RUDP-CUBIC-7, RUDP-CUBIC-4
  test('brings a flow down to the threshold within the round trip, and leaves no burst behind', () => {
    const flow = CubicFlow.afterLossAt(1000);
    flow.send();
    flow.now += flow.rttMs;
    flow.acknowledge(10, 5);
    const threshold = flow.controller.slowStartThreshold / SEGMENT_BYTES;
    let burst = 0;
    while (flow.controller.isRecovery) {
      const before = flow.nextPacketNumber;
      flow.send();
      burst = Math.max(burst, flow.nextPacketNumber - before);
      flow.acknowledge(Math.min(10, flow.inFlight.length));
    }
    expect(burst).toBeLessThanOrEqual(11);
    expect(flow.inFlight.length).toBeGreaterThan(0.95 * threshold - 10);
    expect(flow.inFlight.length).toBeLessThanOrEqual(threshold);
  });

  // RUDP-CUBIC-7
  test('never closes the window: two packets may always be in flight', () => {
    const flow = new CubicFlow();
    flow.send();
    flow.now += flow.rttMs;
    flow.acknowledge(1, 9);
    expect(flow.inFlight).toHaveLength(0);
    expect(flow.window).toBeGreaterThanOrEqual(2);
  });
});

describe('losses that were none', () => {
  function flowWithLosses() {
    const flow = CubicFlow.afterLossAt(1000);
    flow.runUntil(flow.now + 2000);
    flow.send();
    flow.now += flow.rttMs;
    const before = { window: flow.window, threshold: flow.controller.slowStartThreshold };
    const first = flow.inFlight[0] as number;
    flow.acknowledge(10, 2);
    flow.send();
    flow.acknowledge(10, 1);
    flow.send();
    return { flow, before, first };
  }

  // RUDP-CUBIC-9
  test('give window, threshold and curve back when all of them have arrived', () => {
    const { flow, before, first } = flowWithLosses();
    flow.controller.onSpuriousLoss(flow.now, 2 * SEGMENT_BYTES, first);
    expect(flow.window).toBeLessThan(before.window);
    flow.controller.onSpuriousLoss(flow.now, SEGMENT_BYTES, first + 12);
    expect(flow.window).toBe(before.window);
    expect(flow.controller.slowStartThreshold).toBe(before.threshold);
    expect(flow.controller.isRecovery).toBe(false);
    // The plateau is still the old one: 1000 segments.
    flow.runUntil(flow.now + 1000 * Math.cbrt(300 / 0.4) - 2000);
    expect(flow.window / 1000).toBeCloseTo(1, 1);
  });

  // RUDP-CUBIC-9
  test('give it back to a slow start as well', () => {
    const flow = new CubicFlow();
    flow.round();
    flow.send();
    flow.now += flow.rttMs;
    flow.acknowledge(3, 1);
    expect(flow.controller.isSlowStart).toBe(false);
    flow.controller.onSpuriousLoss(flow.now, SEGMENT_BYTES, 10);
    expect(flow.window).toBe(20);
    expect(flow.controller.isSlowStart).toBe(true);
    flow.acknowledge(10);
    expect(flow.window).toBe(30);
  });

  // RUDP-CUBIC-9
  test('change nothing when they belong to an earlier reduction', () => {
    const { flow, before } = flowWithLosses();
    flow.controller.onSpuriousLoss(flow.now, 3 * SEGMENT_BYTES, 0);
    expect(flow.window).toBeLessThan(before.window);
    expect(flow.controller.isRecovery).toBe(true);
  });

  // RUDP-CUBIC-9, RUDP-CUBIC-4
  test('do not excuse a later loss among the packets of that time', () => {
    const { flow, before, first } = flowWithLosses();
    flow.controller.onSpuriousLoss(flow.now, 3 * SEGMENT_BYTES, first);
    flow.acknowledge(10, 1);
    expect(flow.controller.slowStartThreshold / SEGMENT_BYTES).toBeCloseTo(0.7 * before.window, 6);
  });
});

describe('persistent congestion', () => {
  // RUDP-CUBIC-8
  test('leaves two packets, and slow start leads back to the threshold of one reduction', () => {
    const flow = CubicFlow.afterLossAt(1000);
    flow.send();
    const before = flow.window;
    flow.now += 5000;
    flow.controller.onPersistentCongestion(flow.now);
    flow.controller.onPersistentCongestion(flow.now);
    flow.acknowledge(1, flow.inFlight.length - 1);
    expect(flow.window).toBeLessThanOrEqual(3);
    expect(flow.controller.slowStartThreshold / SEGMENT_BYTES).toBeCloseTo(0.7 * before, 6);
    expect(flow.controller.isSlowStart).toBe(true);
    let rounds = 0;
    for (; flow.controller.isSlowStart; rounds += 1) flow.round();
    expect(rounds).toBe(Math.ceil(Math.log2((0.7 * before) / 3)));
  });

  // RUDP-CUBIC-8, RUDP-CUBIC-9
  test('is not undone by late acknowledgements', () => {
    const flow = CubicFlow.afterLossAt(1000);
    flow.send();
    const first = flow.inFlight[0] as number;
    flow.now += 5000;
    flow.controller.onPersistentCongestion(flow.now);
    const lost = flow.inFlight.length - 1;
    flow.acknowledge(1, lost);
    flow.controller.onSpuriousLoss(flow.now, lost * SEGMENT_BYTES, first);
    expect(flow.window).toBeLessThanOrEqual(3);
  });
});
