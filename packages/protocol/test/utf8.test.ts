import { expect, test } from 'vitest';
import { cutToUtf8Bytes } from '../src/index.ts';

test('a text that fits is left as it is, to the last byte', () => {
  expect(cutToUtf8Bytes('', 0)).toBe('');
  expect(cutToUtf8Bytes('aé漢🙂', 10)).toBe('aé漢🙂');
});

test('a text that is too long is cut between characters', () => {
  expect(cutToUtf8Bytes('aé漢🙂', 9)).toBe('aé漢');
  expect(cutToUtf8Bytes('aé漢🙂', 6)).toBe('aé漢');
  expect(cutToUtf8Bytes('aé漢🙂', 5)).toBe('aé');
  expect(cutToUtf8Bytes('aé漢🙂', 2)).toBe('a');
  expect(cutToUtf8Bytes('a', 0)).toBe('');
});
