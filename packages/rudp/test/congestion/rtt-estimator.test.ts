import { expect, test } from 'vitest';
import { RttEstimator } from '../../src/core/recovery/rtt-estimator.ts';

// RUDP-RTT-3
test('assumes 333 ms before the first sample, or what it is told', () => {
  const rtt = new RttEstimator();
  expect(rtt.hasSample).toBe(false);
  expect(rtt.smoothedMs).toBe(333);
  expect(rtt.ptoBaseMs(25)).toBe(333 + 4 * 166.5 + 25);
  expect(new RttEstimator(50).latestMs).toBe(50);
});

// RUDP-RTT-1
test('takes the first sample as it is, with half of it as variance', () => {
  const rtt = new RttEstimator();
  rtt.update(80, 20);
  expect([rtt.smoothedMs, rtt.varianceMs, rtt.minMs, rtt.latestMs]).toEqual([80, 40, 80, 80]);
});

// RUDP-RTT-1
test('moves by an eighth towards later samples, and the variance by a quarter', () => {
  const rtt = new RttEstimator();
  rtt.update(80, 0);
  rtt.update(120, 0);
  expect(rtt.varianceMs).toBe(0.75 * 40 + 0.25 * 40);
  expect(rtt.smoothedMs).toBe(85);
});

// RUDP-RTT-2
test('subtracts the acknowledgement delay down to the minimum, not below it', () => {
  const rtt = new RttEstimator();
  rtt.update(80, 0);
  rtt.update(100, 20);
  expect(rtt.smoothedMs).toBe(80);
  rtt.update(100, 21);
  expect(rtt.smoothedMs).toBe(82.5);
  expect(rtt.minMs).toBe(80);
});

// RUDP-RTT-3
test('waits for at least a millisecond on top of a path without variance', () => {
  const rtt = new RttEstimator();
  for (let sample = 0; sample < 100; sample += 1) rtt.update(10, 0);
  expect(rtt.ptoBaseMs(25)).toBeCloseTo(36, 6);
});
