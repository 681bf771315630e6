import { describe, expect, test } from 'vitest';
import { parseFilePattern } from '../../src/domain/transfers/file-pattern.ts';

const PATHS = [
  'a.iso',
  'B.ISO',
  'docs/a.txt',
  'docs/deep/er/b.txt',
  'docs/x[1].txt',
  'caf\u00e9/menu',
  '𝒂𝒂.bin',
];

const fitting = (pattern: string) => PATHS.filter(parseFilePattern(pattern));

// CHAT-LIST-8
describe('a pattern', () => {
  test.each([
    ['', PATHS],
    ['ISO', ['a.iso', 'B.ISO']],
    ['docs/', ['docs/a.txt', 'docs/deep/er/b.txt', 'docs/x[1].txt']],
    ['cafe\u0301', ['caf\u00e9/menu']],
    ['*.iso', ['a.iso', 'B.ISO']],
    ['?.txt', ['docs/a.txt', 'docs/deep/er/b.txt']],
    ['docs/*.txt', ['docs/a.txt', 'docs/x[1].txt']],
    ['docs/**', ['docs/a.txt', 'docs/deep/er/b.txt', 'docs/x[1].txt']],
    ['docs/**/*.txt', ['docs/a.txt', 'docs/deep/er/b.txt', 'docs/x[1].txt']],
    ['**/b.txt', ['docs/deep/er/b.txt']],
    ['docs/**/er/*', ['docs/deep/er/b.txt']],
    // `**/` ends with a whole name.
    ['docs/**/r/*', []],
    ['[ab].*', ['a.iso', 'B.ISO', 'docs/a.txt', 'docs/deep/er/b.txt']],
    ['[!b-z].*', ['a.iso', 'docs/a.txt']],
    ['[a-c]*[0-9]*', []],
    ['x[[]1]*', ['docs/x[1].txt']],
    ['*[', []],
    ['x[1', []],
    ['x[1*', ['docs/x[1].txt']],
    ['??.bin', ['𝒂𝒂.bin']],
    ['*', PATHS],
  ])('%j fits as it says', (pattern, paths) => {
    expect(fitting(pattern)).toEqual(paths);
  });

  test('of any kind takes time in proportion to its length and the length of the path', () => {
    // With backtracking this would not come to its end in this life.
    const path = 'a'.repeat(1_000);
    const hostile = '*a'.repeat(120);
    expect(parseFilePattern(`${hostile}b`)(path)).toBe(false);
    expect(parseFilePattern(hostile)(path)).toBe(true);
  });
});
