import { expect, test } from 'vitest';
import { RateMeter } from '../../src/node/transfers/rate-meter.ts';

test('knows no rate from one sample', () => {
  expect(new RateMeter().record(0, 0)).toBe(0);
});

test('gives bytes per second over what it has seen', () => {
  const meter = new RateMeter();
  meter.record(0, 0);
  expect(meter.record(100, 1_000)).toBe(10_000);
  expect(meter.record(200, 3_000)).toBe(15_000);
});

test('forgets what is older than two seconds', () => {
  const meter = new RateMeter();
  for (let at = 0; at <= 1_000; at += 100) meter.record(at, 1_000_000);
  expect(meter.record(1_100, 1_000_500)).toBeCloseTo(500 / 1.1, 5);
  for (let at = 1_200; at <= 3_000; at += 100) meter.record(at, 1_000_500);
  expect(meter.record(3_100, 1_000_500)).toBe(0);
});

test('falls to 0 when nothing arrives', () => {
  const meter = new RateMeter();
  meter.record(0, 0);
  meter.record(100, 5_000);
  for (let at = 200; at <= 2_100; at += 100) meter.record(at, 5_000);
  expect(meter.record(2_200, 5_000)).toBe(0);
});
