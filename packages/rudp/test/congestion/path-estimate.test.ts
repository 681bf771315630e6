import { expect, test } from 'vitest';
import { PathEstimate } from '../../src/core/congestion/bbr/path-estimate.ts';

// RUDP-CC-6
test('cycles that follow each other at once are one: a stall makes nothing forgotten', () => {
  const path = new PathEstimate(1200);
  path.resetBandwidth(1_000_000);
  for (const now of [0, 50, 100, 150, 199]) path.startCycle(now);
  expect(path.bandwidthMax).toBe(1_000_000);
});
