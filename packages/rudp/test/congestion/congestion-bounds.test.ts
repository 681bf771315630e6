import { expect, test } from 'vitest';
import { CongestionBounds } from '../../src/core/congestion/bbr/congestion-bounds.ts';

// RUDP-PACE-2
test('a sender that wakes up late may catch up with more and more, until a queue overflows', () => {
  const bounds = new CongestionBounds();
  const seen = [bounds.catchUpMs];
  for (let round = 0; round < 9; round += 1) {
    bounds.startRound();
    seen.push(bounds.catchUpMs);
  }
  expect(seen.slice(0, 3)).toEqual([4, 5, 6.25]);
  expect(bounds.catchUpMs).toBe(25);
  bounds.boundInflight(100_000);
  expect(bounds.catchUpMs).toBe(12.5);
  bounds.startRound();
  expect(bounds.catchUpMs).toBe(12.5);
  bounds.relaxInflight(50_000, 200_000);
  expect(bounds.catchUpMs).toBe(18.75);
  bounds.relaxInflight(50_000, 200_000);
  expect(bounds.catchUpMs).toBe(25);
  for (let overflow = 0; overflow < 3; overflow += 1) bounds.yieldBandwidth(1000, 1000);
  expect(bounds.catchUpMs).toBe(4);
});

// RUDP-CC-12
test('yields for sixteen rounds, then gives back what was delivered, and no more', () => {
  const bounds = new CongestionBounds();
  expect(bounds.relaxBandwidth()).toBe(false);
  bounds.yieldBandwidth(1000, 1100);
  for (let round = 0; round < 15; round += 1) bounds.startRound();
  expect(bounds.relaxBandwidth()).toBe(false);
  expect(bounds.bandwidth).toBe(900);
  bounds.startRound();
  expect(bounds.relaxBandwidth()).toBe(true);
  expect(bounds.bandwidth).toBe(1000);
  expect(bounds.relaxBandwidth()).toBe(false);
  bounds.yieldBandwidth(800, 1000);
  expect(bounds.relaxBandwidth()).toBe(false);
  expect(bounds.bandwidth).toBe(720);
});
