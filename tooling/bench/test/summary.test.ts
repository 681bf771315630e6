import { expect, test } from 'vitest';
import { spreadOf, summarize } from '../src/summary.ts';

test('the median of an even count lies between the two in the middle', () => {
  expect(spreadOf([4, 1, 3, 2])).toEqual({ median: 2.5, min: 1, max: 4 });
  expect(spreadOf([9, 1, 5])).toEqual({ median: 5, min: 1, max: 9 });
});

test('each peer is summarized by itself, without figures that no run has', () => {
  const run = {
    profile: 'link',
    seconds: 1,
    cpuSeconds: 1,
    megabytesPerCpuSecond: 1,
    bytes: 1,
    firstBytesMs: null,
  };
  const results = [
    { ...run, peer: 'parley', repetition: 1, goodputMbps: 90, steadyMbps: 95, wireRatio: 1.1 },
    { ...run, peer: 'udx', repetition: 1, goodputMbps: 70, steadyMbps: 75, wireRatio: null },
    { ...run, peer: 'parley', repetition: 2, goodputMbps: 80, steadyMbps: 97, wireRatio: 1.2 },
  ];
  const [parley, udx] = summarize(results);
  expect(parley).toMatchObject({
    peer: 'parley',
    repetitions: 2,
    goodputMbps: { median: 85, min: 80, max: 90 },
  });
  expect(udx).toMatchObject({ peer: 'udx', repetitions: 1, steadyMbps: { median: 75, min: 75, max: 75 } });
  expect(udx).not.toHaveProperty('wireRatio');
  expect(udx).not.toHaveProperty('completeMs');
});
