// Names and texts that want to be taken for something else.
import { describe, expect, test } from 'vitest';
import { toLatinLookAlike } from '../src/confusables.ts';
import { nicknameKey, parseMessageText, parseNickname, parseRoomName, roomNameKey } from '../src/index.ts';
import { must, nick } from './support.ts';

const keyOf = (name: string) => nicknameKey(nick(name));

// CHAT-NICK-5
test.each([
  ['ann', 'аnn', 'a Cyrillic a'],
  ['ann', 'αnn', 'a Greek alpha'],
  ['paypal', 'раураӏ', 'Cyrillic alone'],
  ['BOB', 'ВОВ', 'Cyrillic capitals'],
  ['bob', 'ВОВ', 'Cyrillic capitals for small letters'],
  ['HENK', 'НЕNК', 'capitals of two scripts'],
  ['TOM', 'ΤΟΜ', 'Greek capitals'],
  ['scope', 'ѕсоре', 'rare Cyrillic letters'],
  ['iris', 'ıris', 'an i without a dot'],
  ['google', 'ɡooɡle', 'the g of phoneticians'],
  ['Ann', 'Ａｎｎ', 'full width'],
  ['fin', 'ﬁn', 'a ligature'],
  ['joe', '𝓳𝓸𝓮', 'letters of mathematics'],
  ['Kim', '\u212aim', 'the sign of Kelvin'],
])('%s and %s (%s) are one nickname', (name, lookAlike) => {
  expect(lookAlike).not.toBe(name);
  expect(keyOf(lookAlike)).toBe(keyOf(name));
});

test('and one room', () => {
  const room = (name: string) => roomNameKey(must(parseRoomName(name)));
  expect(room('lоbby')).toBe(room('lobby'));
});

test('names of other scripts that read differently stay different', () => {
  const names = [
    'Иван',
    'Ирина',
    'Жанна',
    'Анна',
    'Ανδρέας',
    'Δήμητρα',
    'Գևորգ',
    'Արամ',
    '李雷',
    'はな',
    'שרה',
    'علي',
  ];
  expect(new Set(names.map(keyOf)).size).toBe(names.length);
});

test('a look-alike is folded once: folding again changes nothing', () => {
  for (let code = 0; code < 0x3000; code += 1) {
    const letter = String.fromCodePoint(code).toLowerCase();
    expect(toLatinLookAlike(toLatinLookAlike(letter))).toBe(toLatinLookAlike(letter));
    if (code < 0x80) expect(toLatinLookAlike(letter)).toBe(letter);
  }
});

describe('what nobody can see, or what moves what others see, is no part of a nickname', () => {
  // CHAT-NICK-2, CHAT-NICK-3
  test.each([
    ['a right-to-left override', 'ann\u202enna'],
    ['an isolate', '\u2067ann\u2069'],
    ['an Arabic letter mark', 'ann\u061c'],
    ['a zero-width joiner', 'an\u200dn'],
    ['a word joiner', 'an\u2060n'],
    ['a variation selector', 'ann\ufe0e'],
    ['a tag', 'ann\u{e0041}'],
    ['a Hangul filler', 'ann\u3164'],
    ['a soft hyphen', 'an\u00adn'],
    ['a Mongolian vowel separator', 'an\u180en'],
    ['an invisible operator', 'an\u2063n'],
    ['an interlinear annotation', 'an\ufff9n'],
    ['an escape sequence', '\u001b[2Jann'],
    ['C1 controls', 'ann\u009b'],
    ['a backspace', 'ann\u0008'],
    ['a line separator', 'ann\u2028'],
    ['a private character', 'ann\ue000'],
    ['half a pair', 'ann\ud83d'],
  ])('%s', (_, name) => {
    expect(parseNickname(name).ok).toBe(false);
    expect(parseRoomName(name).ok).toBe(false);
  });
});

// CHAT-TEXT-2
test.each(['\u001b]0;title\u0007', 'a\rb', '\u009b31m', '\u0000', 'a\u0008b', '\u007f'])(
  '%j is no text of a message',
  (text) => expect(parseMessageText(text).ok).toBe(false),
);
