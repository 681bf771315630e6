import { expect, test } from 'vitest';
import { parseDuration } from '../src/commands/duration.ts';

test.each([
  ['0s', 0],
  ['90s', 90_000],
  ['10M', 600_000],
  ['2h', 7_200_000],
  [' 7d ', 604_800_000],
  ['1w', 604_800_000],
  ['10', undefined],
  ['-1s', undefined],
  ['1.5h', undefined],
  ['9999999s', undefined],
  ['', undefined],
])('%j is %s ms', (text, expected) => {
  expect(parseDuration(text)).toBe(expected);
});
