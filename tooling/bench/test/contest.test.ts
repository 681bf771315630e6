import { expect, test } from 'vitest';
import { jainIndex, sharesOf } from '../src/contest.ts';

test('shares are parts of an equal one', () => {
  expect(sharesOf([30, 10])).toEqual([1.5, 0.5]);
  expect(sharesOf([0, 0])).toEqual([0, 0]);
});

test("Jain's index is 1 among equals and 1/n when one has everything", () => {
  expect(jainIndex([5, 5, 5])).toBe(1);
  expect(jainIndex([9, 0, 0])).toBeCloseTo(1 / 3, 9);
  expect(jainIndex([0, 0])).toBe(0);
});
