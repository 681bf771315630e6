import { expect, test } from 'vitest';
import { parseCount, parseNames, parseNumber } from '../src/command-line.ts';

test('a number is taken up to its limits, and what is none is refused with what was expected', () => {
  const limits = { min: 1, max: 10 };
  expect([parseNumber('rate', '1', limits), parseNumber('rate', '10', limits)]).toEqual([1, 10]);
  for (const text of ['0.9', '10.1', '', 'x'])
    expect(() => parseNumber('rate', text, limits)).toThrow(`expected --rate from 1 to 10, got ${text}`);
});

test('a count is whole', () => {
  expect(parseCount('reps', '3', { max: 3 })).toBe(3);
  expect(() => parseCount('reps', '1.5', { max: 3 })).toThrow('expected --reps as a whole number');
  expect(() => parseCount('reps', '0', { max: 3 })).toThrow('expected --reps from 1 to 3');
});

test('a list has names that are known', () => {
  expect(parseNames('what', 'b,a', ['a', 'b', 'c'])).toEqual(['b', 'a']);
  expect(() => parseNames('what', 'a,', ['a', 'b'])).toThrow('expected --what out of a, b, got ');
});
