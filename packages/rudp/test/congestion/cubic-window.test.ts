import { describe, expect, test } from 'vitest';
import { CubicEpoch } from '../../src/core/congestion/cubic/cubic-epoch.ts';
import { CubicFlow, SEGMENT_BYTES } from './cubic-flow.ts';

function epoch(segments: { window: number; plateau: number; prior?: number }): CubicEpoch {
  return new CubicEpoch({
    startMs: 1000,
    windowBytes: segments.window * SEGMENT_BYTES,
    plateauBytes: segments.plateau * SEGMENT_BYTES,
    priorWindowBytes: (segments.prior ?? segments.plateau) * SEGMENT_BYTES,
    maxDatagramBytes: SEGMENT_BYTES,
  });
}

describe('the curve', () => {
  // RUDP-CUBIC-2: RFC 9438 §4.2, a window of 100 segments reduced to 70.
  test.each([
    [0, 70],
    [1, 86.6807],
    [2, 95.6404],
    [4.2171633, 100],
    [6, 102.2667],
    [10, 177.354],
  ])('is at %d s where RFC 9438 has it: %d segments', (seconds, segments) => {
    const curve = epoch({ window: 70, plateau: 100 });
    expect(curve.curveAt(1000 + 1000 * seconds) / SEGMENT_BYTES).toBeCloseTo(segments, 3);
  });

  // RUDP-CUBIC-2: target W(1.1 s) = 87.8846; 70 + (87.8846 − 70) × 10 / 70.
  test('is followed in proportion to what is acknowledged', () => {
    const ack = { now: 2000, smoothedRttMs: 100, ackedBytes: 10 * SEGMENT_BYTES };
    const window = epoch({ window: 70, plateau: 100 }).grow(70 * SEGMENT_BYTES, ack);
    expect(window / SEGMENT_BYTES).toBeCloseTo(72.5549, 3);
  });

  // RUDP-CUBIC-2
  test('grows a window by at most a half in a round trip, and never shrinks it', () => {
    const curve = epoch({ window: 70, plateau: 100 });
    const ack = { smoothedRttMs: 100, ackedBytes: 70 * SEGMENT_BYTES };
    expect(curve.grow(70 * SEGMENT_BYTES, { ...ack, now: 61_000 }) / SEGMENT_BYTES).toBeCloseTo(105, 6);
    expect(curve.grow(99 * SEGMENT_BYTES, { ...ack, now: 1000 }) / SEGMENT_BYTES).toBe(99);
  });

  // RUDP-CUBIC-3: below the window before the reduction 3 × 0.3 / 1.7 segments per round trip.
  test('yields to the Reno flow where that is faster', () => {
    const curve = epoch({ window: 7, plateau: 10 });
    let window = 7 * SEGMENT_BYTES;
    const round = (index: number) => {
      window = curve.grow(window, { now: 1000 + 10 * index, smoothedRttMs: 10, ackedBytes: window });
    };
    for (let index = 1; index <= 5; index += 1) round(index);
    expect(window / SEGMENT_BYTES).toBeCloseTo(7 + 5 * 0.5294, 2);
    for (let index = 6; index <= 16; index += 1) round(index);
    // 10 is reached in round 6: from then on a segment per round trip.
    expect(window / SEGMENT_BYTES).toBeCloseTo(7 + 6 * 0.5294 + 10, 2);
  });
});

describe('a flow', () => {
  // RUDP-CUBIC-2, RUDP-CUBIC-4
  test('returns to the window before the loss after K seconds, and stays there for a while', () => {
    const flow = CubicFlow.afterLossAt(1000);
    const startMs = flow.now;
    expect(flow.window / 1000).toBeCloseTo(0.7, 1);
    const plateauMs = 1000 * Math.cbrt(300 / 0.4);
    flow.runUntil(startMs + plateauMs);
    expect(flow.window / 1000).toBeGreaterThan(0.98);
    flow.runUntil(startMs + plateauMs + 2000);
    expect(flow.window / 1000).toBeLessThan(1.02);
    flow.runUntil(startMs + 2 * plateauMs);
    expect(flow.window / 1000).toBeGreaterThan(1.25);
  });

  // RUDP-CUBIC-4: 1000 → 700 → 490 segments, then flat at 0.85 × 700 = 595 instead of 700.
  test('leaves room for a newcomer when it loses below its last plateau', () => {
    const flow = CubicFlow.afterLossAt(1000);
    flow.recover();
    const startMs = flow.now;
    const before = flow.window;
    expect(before).toBeGreaterThan(480);
    expect(before).toBeLessThan(510);
    flow.runUntil(startMs + 1000 * Math.cbrt(105 / 0.4));
    expect(flow.window).toBeGreaterThan(585);
    expect(flow.window).toBeLessThan(615);
  });

  // RUDP-CUBIC-4
  test('is reduced once for all losses of one round trip, and again for a loss of the next', () => {
    const flow = CubicFlow.afterLossAt(100);
    flow.send();
    const { window } = flow;
    flow.now += flow.rttMs;
    flow.acknowledge(10, 1);
    const reduced = flow.controller.slowStartThreshold / SEGMENT_BYTES;
    expect(reduced).toBeCloseTo(0.7 * window, 6);
    for (const lost of [3, 1, 5]) {
      flow.send();
      flow.acknowledge(10, lost);
      expect(flow.controller.slowStartThreshold / SEGMENT_BYTES).toBe(reduced);
    }
    while (flow.controller.isRecovery) flow.round();
    expect(flow.window).toBeGreaterThanOrEqual(reduced);
    flow.round(1);
    expect(flow.controller.slowStartThreshold / SEGMENT_BYTES).toBeLessThan(0.75 * reduced);
  });

  // RUDP-CUBIC-4
  test('is reduced by losses that a timer finds, once, and may repeat a packet at once', () => {
    const flow = CubicFlow.afterLossAt(100);
    flow.send();
    const { window } = flow;
    const lost = flow.inFlight.splice(0, 5);
    const event = { now: flow.now, lostBytes: 5 * SEGMENT_BYTES, lostPackets: 5 };
    const lose = () =>
      flow.controller.onPacketsLost({
        ...event,
        bytesInFlight: flow.inFlight.length * SEGMENT_BYTES,
        largestLostPacketNumber: lost.at(-1) as number,
        nextPacketNumber: flow.nextPacketNumber,
      });
    lose();
    expect(flow.controller.slowStartThreshold / SEGMENT_BYTES).toBeCloseTo(0.7 * window, 6);
    expect(flow.window).toBeGreaterThanOrEqual(flow.inFlight.length + 1);
    lose();
    expect(flow.controller.slowStartThreshold / SEGMENT_BYTES).toBeCloseTo(0.7 * window, 6);
  });

  // RUDP-CUBIC-11
  test('begins with ten packets and never has less than two', () => {
    const flow = new CubicFlow();
    expect(flow.window).toBe(10);
    flow.controller.onMaxDatagramSize(1400);
    expect(flow.controller.congestionWindow).toBe(14_000);
    flow.controller.onMaxDatagramSize(9000);
    expect(flow.controller.congestionWindow).toBe(18_000);
    flow.controller.onMaxDatagramSize(1000);
    flow.round();
    expect(flow.window).toBe(20);
    flow.controller.onMaxDatagramSize(1400);
    expect(flow.controller.congestionWindow).toBe(20_000);
    flow.controller.onMaxDatagramSize(12_000);
    expect(flow.controller.congestionWindow).toBe(24_000);
  });
});

describe('a window that is not used', () => {
  // RUDP-CUBIC-5
  test('does not grow in slow start', () => {
    const flow = new CubicFlow();
    for (let round = 0; round < 5; round += 1) {
      flow.send(5);
      flow.controller.onApplicationLimited(flow.now, 5 * SEGMENT_BYTES);
      flow.now += flow.rttMs;
      flow.acknowledge(5);
    }
    expect(flow.window).toBe(10);
  });

  // RUDP-CUBIC-5
  test('grows for the packets that left while it was full', () => {
    const flow = new CubicFlow();
    flow.send();
    flow.now += flow.rttMs;
    flow.acknowledge(5);
    flow.controller.onApplicationLimited(flow.now, 5 * SEGMENT_BYTES);
    flow.acknowledge(5);
    expect(flow.window).toBe(20);
  });

  // RUDP-CUBIC-5
  test('goes on where it was after a silence of the application', () => {
    const silent = CubicFlow.afterLossAt(1000);
    const busy = CubicFlow.afterLossAt(1000);
    for (const flow of [silent, busy]) {
      flow.runUntil(flow.now + 3000);
      flow.drain();
    }
    silent.controller.onApplicationLimited(silent.now, 0);
    silent.now += 60_000;
    for (const flow of [silent, busy]) flow.runUntil(flow.now + 2000);
    expect(silent.window).toBeCloseTo(busy.window, 3);
  });
});

describe('pacing', () => {
  // RUDP-CUBIC-10
  test('is twice the window per round trip in slow start, 1.25 times after it', () => {
    const flow = new CubicFlow();
    expect(flow.controller.pacingRate).toBe(Number.POSITIVE_INFINITY);
    flow.round();
    expect(flow.controller.pacingRate).toBe((2 * 20 * SEGMENT_BYTES * 1000) / flow.rttMs);
    const later = CubicFlow.afterLossAt(100);
    const { congestionWindow, pacingRate } = later.controller;
    expect(pacingRate).toBeCloseTo((1.25 * congestionWindow * 1000) / later.rttMs, 6);
  });

  // RUDP-CUBIC-10
  test('does not slow down with the small window of a recovery that has lost much', () => {
    const flow = new CubicFlow();
    flow.round();
    flow.send();
    flow.now += flow.rttMs;
    flow.acknowledge(1, 17);
    expect(flow.window).toBeLessThan(5);
    expect(flow.controller.pacingRate).toBe((1.25 * 0.7 * 20 * SEGMENT_BYTES * 1000) / flow.rttMs);
  });
});
