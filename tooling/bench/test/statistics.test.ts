import { expect, test } from 'vitest';
import { jainIndex, median, percentiles } from '../src/statistics.ts';

test('the median of an even count lies between the two in the middle', () => {
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([9, 1, 5])).toBe(5);
  expect(median([])).toBeNaN();
});

test('a percentile is a value that occurred, and the last one the largest, however many there are', () => {
  const values = Array.from({ length: 1_000_001 }, (_, index) => index + 1);
  expect(percentiles(values, [0, 0.5, 0.99, 1])).toEqual([1, 500_001, 990_001, 1_000_001]);
  expect(percentiles([7], [0.5, 0.99])).toEqual([7, 7]);
  expect(percentiles([], [0.5])).toEqual([Number.NaN]);
});

test("Jain's index is 1 among equals and 1/n when one has everything", () => {
  expect(jainIndex([5, 5, 5])).toBe(1);
  expect(jainIndex([9, 0, 0])).toBeCloseTo(1 / 3, 9);
  expect(jainIndex([0, 0])).toBe(0);
});
