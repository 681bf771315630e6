import { describe, expect, test } from 'vitest';
import { PathEstimate } from '../../src/core/congestion/bbr/path-estimate.ts';

// RUDP-CC-6
test('cycles that follow each other at once are one: a stall makes nothing forgotten', () => {
  const path = new PathEstimate(1200);
  path.resetBandwidth(1_000_000);
  for (const now of [0, 50, 100, 150, 199]) path.startCycle(now);
  expect(path.bandwidthMax).toBe(1_000_000);
});

describe('a bandwidth that was lowered for a loss', () => {
  const lowered = (...lossRatios: readonly number[]) => {
    const path = new PathEstimate(1200);
    path.resetBandwidth(1_000_000);
    path.minRtt.update(0, 50);
    path.queue.update(0, 50);
    for (const lossRatio of lossRatios) path.bounds.yieldBandwidth(900_000, 1_000_000, lossRatio);
    return path;
  };
  /** The path is found to lose a twentieth of all packets by itself. */
  const learn = (path: PathEstimate) => {
    path.losses.learn({ ackedBytes: 1900 * 1200, lostBytes: 100 * 1200 });
    path.relaxBandwidth(1, 1);
  };

  // RUDP-CC-12
  test('comes back as soon as the path turns out to lose so much by itself', () => {
    const path = lowered(0.06);
    path.relaxBandwidth(1, 1);
    expect(path.bandwidth).toBe(810_000);
    learn(path);
    expect(path.bandwidth).toBe(1_000_000);
  });

  // RUDP-CC-12
  test('stays low while a queue stands', () => {
    const path = lowered(0.06);
    path.queue.startPeriod();
    path.queue.update(1, 90);
    learn(path);
    expect(path.bandwidth).toBe(810_000);
  });

  // RUDP-CC-12
  test.each([
    ['what was lost is more than that', [0.09]],
    ['an earlier loss was more, and nothing has been given back since', [0.09, 0.06]],
    ['it was not lowered for a loss', [undefined, 0.06]],
  ])('stays low when %s', (_why, lossRatios) => {
    const path = lowered(...(lossRatios as number[]));
    learn(path);
    expect(path.bandwidth).toBe(810_000);
  });

  // RUDP-CC-12
  test('is not blamed on what a probe has cleared', () => {
    const path = lowered(0.09);
    path.bounds.releaseBandwidth();
    path.bounds.yieldBandwidth(900_000, 1_000_000, 0.06);
    learn(path);
    expect(path.bandwidth).toBe(1_000_000);
  });
});
