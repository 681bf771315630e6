import { expect, test } from 'vitest';
import { sharesOf } from '../src/contest.ts';

test('shares are parts of an equal one', () => {
  expect(sharesOf([30, 10])).toEqual([1.5, 0.5]);
  expect(sharesOf([0, 0])).toEqual([0, 0]);
});
