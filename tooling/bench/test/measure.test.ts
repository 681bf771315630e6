import { expect, test } from 'vitest';
import { evaluate, type Samples } from '../src/measure.ts';

const second = 1e9;
const startNs = 100 * second;

test('goodput counts from the start of the sender, the second half by itself', () => {
  const samples: Samples = [
    [startNs, 0],
    [startNs + 1 * second, 1_000_000],
    [startNs + 2 * second, 4_000_000],
    [startNs + 3 * second, 9_000_000],
  ];
  expect(evaluate(samples, { startNs, seconds: 2, wireBytes: 5_000_000 })).toEqual({
    goodputMbps: 16,
    steadyMbps: 24,
    wireRatio: 1.25,
    bytes: 4_000_000,
    firstBytesMs: 1000,
  });
});

test('between two samples it interpolates, after the last one nothing more arrived', () => {
  const samples: Samples = [
    [startNs + 0.9 * second, 0],
    [startNs + 1.1 * second, 2_000_000],
  ];
  expect(evaluate(samples, { startNs, seconds: 1, wireBytes: undefined }).bytes).toBe(1_000_000);
  expect(evaluate(samples, { startNs, seconds: 4, wireBytes: undefined })).toMatchObject({
    bytes: 2e6,
    steadyMbps: 0,
  });
});

test('nothing received is zero, not an error', () => {
  expect(evaluate([], { startNs, seconds: 1, wireBytes: 500 })).toEqual({
    goodputMbps: 0,
    steadyMbps: 0,
    wireRatio: null,
    bytes: 0,
    firstBytesMs: null,
  });
});
