import { describe, expect, test } from 'vitest';
import { graphemes, nextGrapheme, nextWord, previousGrapheme, previousWord } from '../src/text/graphemes.ts';
import { cutInside, cutToWidth, padToWidth, textWidth } from '../src/text/width.ts';

const FAMILY = '👨‍👩‍👧‍👦';

describe('the columns of a text', () => {
  test.each([
    ['hello', 5],
    ['', 0],
    ['日本', 4],
    ['ｆｕｌｌ', 8],
    ['ﾊﾝｶｸ', 4],
    ['e\u0301', 1],
    ['👍', 2],
    [FAMILY, 2],
    ['👍🏽', 2],
    ['🇩🇪', 2],
    ['❤️', 2],
    ['❤', 1],
    ['1️⃣', 2],
    ['#', 1],
    ['©', 1],
    ['한국어', 6],
    ['각', 2],
    ['नमस्ते', 4],
    ['की', 2],
    ['\n\t', 0],
  ])('%j takes %i', (text, columns) => {
    expect(textWidth(text)).toBe(columns);
  });
});

test('characters that are split without a look at their neighbours are those that the segmenter splits everywhere', () => {
  const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
  const ranges = [
    [0, 0x3500],
    [0x4d00, 0x4f00],
    [0x9f00, 0xa100],
    [0xab00, 0xad00],
    [0xd700, 0xd800],
    [0xf900, 0x10000],
  ] as const;
  const codes = ranges.flatMap(([from, to]) => Array.from({ length: to - from }, (_, index) => from + index));
  const wrong = codes.filter((code) => {
    const character = String.fromCharCode(code);
    const text = `a${character}가${character}→${character}日${character}${character}\n${character}`;
    return graphemes(text).length !== Array.from(segmenter.segment(text)).length;
  });
  expect(wrong).toEqual([]);
});

test('a text is split where a person sees its characters', () => {
  expect(graphemes(`a${FAMILY}e\u0301日`)).toEqual(['a', FAMILY, 'e\u0301', '日']);
  expect(graphemes('plain')).toEqual(['p', 'l', 'a', 'i', 'n']);
});

test('the cursor steps over whole graphemes', () => {
  const text = `a${FAMILY}b`;
  expect(nextGrapheme(text, 1)).toBe(1 + FAMILY.length);
  expect(previousGrapheme(text, 1 + FAMILY.length)).toBe(1);
  expect(previousGrapheme(text, 0)).toBe(0);
  expect(nextGrapheme(text, text.length)).toBe(text.length);
});

test('words are found in any script', () => {
  const text = 'one two-three';
  expect(previousWord(text, text.length)).toBe(8);
  expect(previousWord(text, 8)).toBe(4);
  expect(nextWord(text, 0)).toBe(3);
  expect(nextWord(text, 3)).toBe(7);
  expect(nextWord(text, text.length)).toBe(text.length);
});

test('a text is cut between graphemes and never too wide', () => {
  expect(cutToWidth('hello world', 8)).toBe('hello w…');
  expect(cutToWidth('日本語', 4)).toBe('日…');
  expect(cutToWidth('fits', 4)).toBe('fits');
  expect(cutToWidth('abc', 0)).toBe('');
});

test('a text is filled up by columns, not by characters', () => {
  expect(padToWidth('日', 4)).toBe('日  ');
  expect(padToWidth('7', 3, 'left')).toBe('  7');
  expect(padToWidth('too long', 3)).toBe('too long');
});

test('a name is cut inside, and takes no more columns than it may', () => {
  expect(cutInside('short.txt', 12)).toBe('short.txt');
  expect(cutInside('holiday photos 2026 part 17.zip', 16)).toBe('holiday … 17.zip');
  expect(cutInside('日本語の名前がとても長い.flac', 15)).toBe('日本語…い.flac');
  for (let columns = 1; columns < 30; columns += 1) {
    expect(textWidth(cutInside('日本語の名前がとても長い.flac', columns))).toBeLessThanOrEqual(columns);
  }
});
