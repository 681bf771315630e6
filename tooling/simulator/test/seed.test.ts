import { expect, test } from 'vitest';
import { parseSeed } from '../src/seed.ts';

test('a seed is a whole number and 1 when none is given', () => {
  expect(parseSeed(undefined)).toBe(1);
  expect(parseSeed('42')).toBe(42);
  expect(() => parseSeed('4.2')).toThrow('expected a seed');
});
