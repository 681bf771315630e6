import { expect, test } from 'vitest';
import { evaluate, type Samples } from '../src/measure.ts';

const SECOND = 1e9;
const START_NS = 100 * SECOND;

test('goodput counts from the start of the sender, the second half by itself', () => {
  const samples: Samples = [
    [START_NS, 0],
    [START_NS + 1 * SECOND, 1_000_000],
    [START_NS + 2 * SECOND, 4_000_000],
    [START_NS + 3 * SECOND, 9_000_000],
  ];
  expect(evaluate(samples, { startNs: START_NS, seconds: 2, wireBytes: 5_000_000 })).toEqual({
    goodputMbps: 16,
    steadyMbps: 24,
    wireRatio: 1.25,
    bytes: 4_000_000,
    firstBytesMs: 1000,
  });
});

test('between two samples it interpolates, after the last one nothing more arrived', () => {
  const samples: Samples = [
    [START_NS + 0.9 * SECOND, 0],
    [START_NS + 1.1 * SECOND, 2_000_000],
  ];
  expect(evaluate(samples, { startNs: START_NS, seconds: 1, wireBytes: undefined }).bytes).toBe(1_000_000);
  expect(evaluate(samples, { startNs: START_NS, seconds: 4, wireBytes: undefined })).toMatchObject({
    bytes: 2e6,
    steadyMbps: 0,
  });
});

test('nothing received is zero, not an error', () => {
  expect(evaluate([], { startNs: START_NS, seconds: 1, wireBytes: 500 })).toEqual({
    goodputMbps: 0,
    steadyMbps: 0,
    wireRatio: null,
    bytes: 0,
    firstBytesMs: null,
  });
});
