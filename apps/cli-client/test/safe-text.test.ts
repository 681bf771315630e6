import { describe, expect, test } from 'vitest';
import { safeLines, safeText } from '../src/text/safe-text.ts';
import { NASTY_STRINGS } from './support/nasty-strings.ts';

// What a terminal could act on: C0 and C1 controls (so every escape sequence), and DEL.
// biome-ignore lint/suspicious/noControlCharactersInRegex: it looks for them
const CONTROLS = /[\u0000-\u001f\u007f-\u009f]/;
const BIDI_CONTROLS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
const INVISIBLE =
  // biome-ignore lint/suspicious/noMisleadingCharacterClass: each of them is meant by itself
  /[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u2060-\u2064\u206a-\u206f\u3164\ufe00-\ufe0d\ufeff\uffa0\u{e0000}-\u{e0fff}]/u;

test('there are at least two hundred nasty strings, all different', () => {
  expect(new Set(NASTY_STRINGS).size).toBeGreaterThanOrEqual(200);
});

describe.each(NASTY_STRINGS.map((text) => [JSON.stringify(text).slice(0, 60), text] as const))(
  '%s',
  (_, text) => {
    test('becomes something that a terminal only shows', () => {
      for (const shown of [safeText(text), ...safeLines(text)]) {
        expect(shown).not.toMatch(CONTROLS);
        expect(shown).not.toMatch(BIDI_CONTROLS);
        expect(shown).not.toMatch(INVISIBLE);
        expect(shown).not.toMatch(/\p{Surrogate}/u);
        expect(shown).not.toMatch(/\p{M}{7}/u);
        expect(shown).not.toMatch(/^\p{M}/u);
      }
    });

    test('is not changed by a second cleaning', () => {
      expect(safeText(safeText(text))).toBe(safeText(text));
    });
  },
);

describe('what people write stays as it is', () => {
  test.each([
    'plain text, with punctuation: "quotes" (and) [brackets] {too} <tags>!',
    'Grüße aus Köln, à bientôt, ¡hola!',
    '日本語のテキスト　全角空白',
    'עברית ו-العربية',
    'می‌خواهم',
    'क्‍ष',
    '👨‍👩‍👧‍👦 👩🏽‍🚀 🏳️‍🌈 ❤️ 1️⃣ 🇩🇪',
    'Việt Nam: ế ộ ữ',
    'שָׁלוֹם',
    'e\u0301 combined',
  ])('%s', (text) => {
    expect(safeText(text)).toBe(text);
  });
});

describe('what cannot be shown is replaced visibly', () => {
  test.each([
    ['\u001b[31mred\u001b[0m', '␛[31mred␛[0m'],
    ['bell\u0007', 'bell␇'],
    ['a\u007fb', 'a␡b'],
    ['\u009b31m', '\ufffd31m'],
    ['ali\u200bce', 'ali\ufffdce'],
    ['\u202egnp.exe', '\ufffdgnp.exe'],
    ['two\nlines', 'two␤lines'],
    ['tab\there', 'tab    here'],
    ['\u0301accent first', '◌\u0301accent first'],
    ['no\u00a0break', 'no break'],
    ['half \ud83d emoji', 'half \ufffd emoji'],
    ['joiner \u200d alone', 'joiner \ufffd alone'],
  ])('%j is shown as %j', (text, shown) => {
    expect(safeText(text)).toBe(shown);
  });
});

test('a flood of invisible characters is one sign', () => {
  expect(safeText(`a${'\u200b'.repeat(5_000)}b`)).toBe('a\ufffdb');
});

test('a tower of marks is cut to six', () => {
  expect(safeText(`Z${'\u0301'.repeat(100)}!`)).toBe(`Z${'\u0301'.repeat(6)}!`);
});

test('an endless chain of joined emoji is broken up', () => {
  const shown = safeText(Array(50).fill('👩').join('\u200d'));
  expect(shown.match(/\u200d/g)).toHaveLength(4);
});

test('a very long line is cut, and what is hidden is counted', () => {
  expect(safeText('x'.repeat(5_000))).toBe(`${'x'.repeat(4_200)}… (800 more characters)`);
  expect(safeText('x'.repeat(4_240))).toHaveLength(4_240);
});

test('a text of very many lines is cut, and what is hidden is counted', () => {
  const lines = safeLines('line\n'.repeat(500));
  expect(lines).toHaveLength(101);
  expect(lines[100]).toBe('… (401 more lines)');
});

test('every kind of line break makes a line', () => {
  expect(safeLines('a\nb\r\nc\rd\u2028e\u2029f\u0085g\u000bh')).toEqual([
    'a',
    'b',
    'c',
    'd',
    'e',
    'f',
    'g',
    'h',
  ]);
});
