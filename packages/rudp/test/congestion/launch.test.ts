import { describe, expect, test } from 'vitest';
import { ArrivalTrain } from '../../src/core/congestion/bbr/arrival-train.ts';
import { Launch } from '../../src/core/congestion/bbr/launch.ts';
import { PathEstimate } from '../../src/core/congestion/bbr/path-estimate.ts';
import type { AcknowledgementEvent } from '../../src/core/congestion/controller.ts';
import { CellRun } from './measure.ts';
import { PACKET_BYTES } from './model-flow.ts';

const SEED = 20_261_127;

/** Packets of one burst that leave a link one by one; `stallMs` holds the first ones back at the reader. */
function burst(train: ArrivalTrain, options: { spacingMs: number; first?: number; stallMs?: number }): void {
  const first = options.first ?? 0;
  for (let number = first; number < first + 10; number += 2) {
    const receivedAtMs = Math.max(100 + (number - first) * options.spacingMs, 100 + (options.stallMs ?? 0));
    train.update({ packetNumber: number, sentAtMs: 0, receivedAtMs, deliveredBytes: number * 1250 }, 100);
  }
}

// RUDP-CC-3
test.each([
  [4, false],
  [10, true],
  [80, false],
])(
  'a path of %i ms that delivers what a burst has shown while round trips grow is full: %j',
  (rttMs, isFull) => {
    const launch = new Launch();
    const arrivals = [0, 4, 8].map((packetNumber) => ({
      packetNumber,
      sentAtMs: 0,
      receivedAtMs: 100 + packetNumber,
      deliveredBytes: packetNumber * 1250,
    }));
    launch.update({ arrivals, minRttMs: rttMs } as unknown as AcknowledgementEvent);
    const path = new PathEstimate(PACKET_BYTES);
    path.resetBandwidth(1_250_000);
    for (const [now, sampleMs] of [
      [0, rttMs],
      [1000, rttMs + 9],
    ] as const) {
      path.minRtt.update(now, sampleMs);
      path.queue.update(now, sampleMs);
    }
    expect(launch.hasFilled(path)).toBe(isFull);
  },
);

describe('a burst', () => {
  // RUDP-CC-18
  test('shows the rate of the slowest link', () => {
    const train = new ArrivalTrain();
    burst(train, { spacingMs: 1 });
    expect(train.capacity).toBeCloseTo(1_250_000, 0);
  });

  // RUDP-CC-18
  test('shows the rate of a fast link, where only its ends are far enough apart for a clock', () => {
    const train = new ArrivalTrain();
    const spacingMs = 0.024;
    for (const packetNumber of [0, 4, 8, 12, 15]) {
      const receivedAtMs = 100 + packetNumber * spacingMs;
      train.update({ packetNumber, sentAtMs: 0, receivedAtMs, deliveredBytes: packetNumber * 1500 }, 50);
    }
    expect(train.capacity).toBeCloseTo(1500 / (spacingMs / 1000), 0);
  });

  // RUDP-CC-18
  test('shows nothing when it arrives as fast as a clock can tell', () => {
    const train = new ArrivalTrain();
    burst(train, { spacingMs: 0.02 });
    expect(train.capacity).toBeUndefined();
  });

  // RUDP-CC-18
  test('does not pass for faster when a stalled reader finds half of it at once', () => {
    const train = new ArrivalTrain();
    burst(train, { spacingMs: 1, stallMs: 4 });
    expect(train.capacity).toBeLessThan(1_700_000);
  });

  // RUDP-CC-18
  test('shows no more than there was, whatever times and counts the peer makes up', () => {
    const train = new ArrivalTrain();
    const lies = [
      { packetNumber: 0, receivedAtMs: 100, deliveredBytes: 0 },
      { packetNumber: 8, receivedAtMs: -1e12, deliveredBytes: 10_000 },
      { packetNumber: 16, receivedAtMs: 105, deliveredBytes: -5000 },
      { packetNumber: 24, receivedAtMs: 110, deliveredBytes: 20_000 },
    ];
    for (const lie of lies) train.update({ ...lie, sentAtMs: 0 }, 50);
    expect(train.capacity).toBe(2_000_000);
  });

  // RUDP-CC-18
  test('counts as much as the four before it', () => {
    const train = new ArrivalTrain();
    for (const [index, spacingMs] of [1, 0.1, 1, 1, 0.1].entries())
      burst(train, { spacingMs, first: 1000 * index });
    expect(train.capacity).toBeCloseTo(1_250_000, 0);
  });
});

/** Packets that leave every millisecond and arrive after `delayMs(ms)`. */
function stream(train: ArrivalTrain, durationMs: number, delayMs: (ms: number) => number): void {
  for (let ms = 0; ms < durationMs; ms += 1) {
    const receivedAtMs = ms + delayMs(ms);
    train.update({ packetNumber: ms, sentAtMs: ms, receivedAtMs, deliveredBytes: ms * 1250 }, 100);
  }
}

describe('a queue', () => {
  // RUDP-CC-3
  test('is believed when packets have waited over a quarter of a round trip', () => {
    const train = new ArrivalTrain();
    stream(train, 120, (ms) => 50 + Math.max(0, ms - 70) * 0.5);
    expect(train.isQueued(100)).toBe(false);
    stream(train, 125, (ms) => 50 + Math.max(0, ms - 70) * 0.5);
    expect(train.isQueued(100)).toBe(true);
    expect(train.queuedRate).toBeCloseTo(1_250_000 / 1.5, -4);
  });

  // RUDP-CC-3
  test('is not what a stall of the reader looks like', () => {
    for (let upTo = 61; upTo <= 100; upTo += 1) {
      const seen = new ArrivalTrain();
      stream(seen, upTo, (ms) => 50 + (ms >= 60 ? Math.max(0, 95 - ms) : 0));
      expect(seen.isQueued(100)).toBe(false);
    }
  });

  // RUDP-CC-3
  test('nor is it what a stall of most of a round trip looks like', () => {
    for (let upTo = 61; upTo <= 160; upTo += 1) {
      const seen = new ArrivalTrain();
      stream(seen, upTo, (ms) => 50 + (ms >= 60 ? Math.max(0, 140 - ms) : 0));
      expect(seen.isQueued(100)).toBe(false);
    }
  });
});

/** A transfer that starts on an empty path; what it has delivered after `ms`, in pipes, and what it has lost to the queue. */
function start(cell: { rateMbps: number; rttMs: number; queueBytes?: number; ms: number }) {
  const run = new CellRun({ ...cell, seed: SEED });
  const { flow, controller } = run.addBbr();
  run.run(cell.ms);
  const pipes = (bytes: number) => bytes / run.bdpBytes;
  return {
    run,
    controller,
    delivered: pipes(flow.receiver.receivedBytes),
    dropped: pipes(flow.queueDroppedBytes),
  };
}

describe('a start on a long path', () => {
  // RUDP-CC-3, RUDP-CC-18
  test('delivers a pipe within three and a half round trips of 600 ms, and overflows nothing', () => {
    const { run, delivered, dropped } = start({ rateMbps: 250, rttMs: 600, ms: 2100 });
    expect(delivered).toBeGreaterThan(1);
    run.run(1800);
    expect(run.run(600).utilization).toBeGreaterThan(0.95);
    expect(dropped).toBe(0);
  });

  // RUDP-CC-3, RUDP-CC-18
  test('loses less than three quarters of a pipe to a queue of 64 KB', () => {
    const { dropped } = start({ rateMbps: 100, rttMs: 200, queueBytes: 65_536, ms: 4000 });
    expect(dropped).toBeLessThan(0.75);
  });

  // RUDP-CC-17
  test.each([
    { rttMs: 200, packets: 32 },
    { rttMs: 400, packets: 40 },
    { rttMs: 900, packets: 60 },
  ])('begins with $packets packets within 25 ms where a round trip takes $rttMs ms', ({ rttMs, packets }) => {
    const { run, controller } = start({ rateMbps: 250, rttMs, ms: 1 });
    expect(run.path.flows[0]?.sender.sentBytes).toBe(16 * PACKET_BYTES);
    expect(controller.congestionWindow).toBe(packets * PACKET_BYTES);
    run.run(25);
    expect(run.path.flows[0]?.sender.sentBytes).toBe(packets * PACKET_BYTES);
  });
});

describe('a start on a short path', () => {
  // RUDP-CC-3, RUDP-CC-18
  test.each([
    { rateMbps: 150, rttMs: 10 },
    { rateMbps: 500, rttMs: 10 },
    { rateMbps: 100, rttMs: 20 },
  ])(
    'loses less than a quarter of a pipe to a queue of one at $rateMbps Mbit/s and $rttMs ms, and fills the path',
    (cell) => {
      const { run, dropped } = start({ ...cell, ms: 200 });
      expect(dropped).toBeLessThan(0.25);
      expect(run.run(300).utilization).toBeGreaterThan(0.95);
    },
  );

  // RUDP-CC-2, RUDP-CC-13
  test('has at most two pipes on their way to a receiver that says nothing any more', () => {
    const { run } = start({ rateMbps: 150, rttMs: 10, ms: 1000 });
    run.path.lossRatio = 1;
    run.run(40);
    expect((run.path.flows[0]?.sender.bytesInFlight ?? 0) / run.bdpBytes).toBeLessThan(2);
  });
});

/** Starts with what an earlier connection knew; over 100 Mbit/s and 200 ms. */
function resume(hint: { minRttMs: number; deliveryRate: number }, rateMbps = 100) {
  const run = new CellRun({ rateMbps, rttMs: 200, seed: SEED });
  const { flow, controller } = run.addBbr();
  const whole = { ...hint, smoothedRttMs: hint.minRttMs, mtu: PACKET_BYTES };
  controller.onEstablished({ now: 0, rttMs: 200, hint: whole });
  run.run(300);
  return { run, flow, mbps: (flow.receiver.receivedBytes * 8) / 200_000 };
}

describe('a start with a hint', () => {
  // RUDP-CC-19
  test('delivers half of the earlier rate from the first round trip on', () => {
    expect(resume({ minRttMs: 200, deliveryRate: 12_500_000 }).mbps).toBeGreaterThan(45);
  });

  // RUDP-CC-19
  test.each([401, 160])('does not trust one of a path with %d ms', (minRttMs) => {
    expect(resume({ minRttMs, deliveryRate: 12_500_000 }).mbps).toBeLessThan(5);
  });

  // RUDP-CC-3, RUDP-CC-19
  test('that is ten times too high costs a round trip of it, and no more', () => {
    const { run, flow } = resume({ minRttMs: 200, deliveryRate: 12_500_000 }, 10);
    run.run(1600);
    expect(flow.queueDroppedBytes).toBeLessThan(50 * 125 * 200 * 1.25);
    expect(run.run(2000).utilization).toBeGreaterThan(0.9);
  });
});
