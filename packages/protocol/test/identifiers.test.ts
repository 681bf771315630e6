import { describe, expect, test } from 'vitest';
import {
  nicknameKey,
  type Parsed,
  parseFileName,
  parseFilePath,
  parseMessageText,
  parseNickname,
  parseRoomName,
  roomNameKey,
} from '../src/index.ts';
import { must, nick } from './support.ts';

const problemOf = (parsed: Parsed<unknown>) => (parsed.ok ? undefined : parsed.problem);
const show = (name: string) =>
  JSON.stringify(name).replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16)}`);

describe('nicknames', () => {
  // CHAT-NICK-1
  test('have 1 to 32 characters, counted as code points after NFC', () => {
    expect(must(parseNickname('a'))).toBe('a');
    expect(must(parseNickname('x'.repeat(32)))).toBe('x'.repeat(32));
    expect(must(parseNickname('e\u0301'.repeat(32)))).toBe('é'.repeat(32));
    expect(must(parseNickname('𠮷'.repeat(32)))).toBe('𠮷'.repeat(32));
    expect(problemOf(parseNickname(''))).toBe('expected a nickname, got an empty one');
    expect(problemOf(parseNickname('x'.repeat(33)))).toBe('a nickname has at most 32 characters');
    expect(problemOf(parseNickname('x'.repeat(1_000_000)))).toBe('a nickname has at most 32 characters');
  });

  // CHAT-NICK-2
  test.each([
    'ann',
    'Ann_2',
    '[bot]',
    '{x}`^|\\',
    'Zoë',
    'Łukasz',
    '李雷',
    'Αλέξης',
    'हिन्दी',
    'สวัสดี',
    '٣',
    'ⵣ',
  ])('%s is one', (name) => expect(must(parseNickname(name))).toBe(name.normalize('NFC')));

  // CHAT-NICK-2, CHAT-NICK-3
  test.each(
    [
      ...[
        'a b',
        'a\n',
        '\u001b[31m',
        'a\u0000',
        'a@b',
        'a/b',
        'a:b',
        '#a',
        '<a>',
        'a,b',
        'a!',
        '🦜',
        'a\u00a0b',
        'a\u3000',
      ],
      ...[
        '\u200bann',
        'an\u200dn',
        'ann\u202e',
        '\u2066a\u2069',
        'a\ufeff',
        'a\u00ad',
        'a\ufe0f',
        'a\u{e0061}',
      ],
      ...[
        '\u3164',
        '\u115f',
        '\u1160a',
        '\uffa0',
        '\u17b4',
        '\u2800',
        'a\u034f',
        '\u180e',
        '\ud800',
        'a\udc00',
        '①',
        'Ⅷ',
      ],
    ].map((name) => [show(name), name]),
  )('%s is none', (_shown, name) => {
    expect(problemOf(parseNickname(name))).toBe('a nickname has only letters, digits and _-[]{}\\`^|');
  });

  // CHAT-NICK-2
  test('begin with no combining mark and stack at most three', () => {
    expect(problemOf(parseNickname('\u0301a'))).toBe('a nickname does not begin with a combining mark');
    expect(must(parseNickname('q\u0323\u0307\u0308'))).toBe('q\u0323\u0307\u0308');
    expect(problemOf(parseNickname('q\u0323\u0307\u0308\u0309'))).toContain(
      'at most 3 combining marks in a row',
    );
  });

  // CHAT-NICK-4
  test.each([
    ['Ann', 'aNN'],
    ['Ａｎｎ', 'ann'],
    ['straße', 'STRASSE'],
    ['ΟΔΟΣ', 'οδος'],
    ['οδοσ', 'οδος'],
    ['Zoe\u0308', 'ZOË'],
    ['ﬁn', 'FIN'],
  ])('%s and %s are the same', (left, right) => {
    expect(nicknameKey(nick(left))).toBe(nicknameKey(nick(right)));
  });

  test('different names stay different', () => {
    const names = ['ann', 'anne', 'an_n', 'änn', 'ann1', '[ann]', '{ann}'];
    expect(new Set(names.map((name) => nicknameKey(nick(name)))).size).toBe(names.length);
  });
});

// CHAT-ROOM-1
test('room names have 1 to 64 letters, digits and _-.', () => {
  expect(must(parseRoomName('lobby'))).toBe('lobby');
  expect(must(parseRoomName('büro-2.og'))).toBe('büro-2.og');
  expect(must(parseRoomName('x'.repeat(64)))).toBe('x'.repeat(64));
  expect(problemOf(parseRoomName('x'.repeat(65)))).toBe('a room name has at most 64 characters');
  // All that can be typed on a keyboard and is none of these.
  for (const sign of ' !"#$%&\'()*+,/:;<=>?@[\\]^`{|}~\u200b') {
    expect(problemOf(parseRoomName(`lob${sign}by`))).toBe('a room name has only letters, digits and _-.');
  }
  expect(roomNameKey(must(parseRoomName('LOBBY')))).toBe(roomNameKey(must(parseRoomName('lobby'))));
});

describe('message texts', () => {
  // CHAT-TEXT-1
  test('have at most 4,096 bytes and something in them', () => {
    expect(must(parseMessageText('x'.repeat(4_096)))).toHaveLength(4_096);
    expect(problemOf(parseMessageText('x'.repeat(4_097)))).toBe(
      'a message has at most 4096 bytes, this one has 4097',
    );
    expect(must(parseMessageText('🦜'.repeat(1_024)))).toHaveLength(2_048);
    expect(problemOf(parseMessageText(`${'🦜'.repeat(1_024)}!`))).toContain('this one has 4097');
    expect(problemOf(parseMessageText(''))).toBe('expected some text, got an empty message');
    expect(problemOf(parseMessageText(' \n\t'))).toBe('expected some text, got an empty message');
  });

  // CHAT-TEXT-2
  test('have no control characters except line feed and tab', () => {
    expect(must(parseMessageText('a\n\tb'))).toBe('a\n\tb');
    const codes = [...Array(0x20).keys(), 0x7f, ...Array.from({ length: 0x20 }, (_, index) => 0x80 + index)];
    for (const code of codes.filter((value) => value !== 0x0a && value !== 0x09)) {
      expect(problemOf(parseMessageText(`a${String.fromCharCode(code)}`))).toContain('no control characters');
    }
  });

  // CHAT-TEXT-3
  test('are well-formed', () => {
    expect(problemOf(parseMessageText('a\ud83e'))).toBe('text has to be well-formed Unicode');
  });

  test('may be in any script, with emoji and right-to-left marks', () => {
    for (const words of ['👩‍👩‍👧', 'שלום\u200f', '日本語', 'हिन्दी'])
      expect(must(parseMessageText(words))).toBe(words);
  });
});

// CHAT-FILE-1
describe('file names', () => {
  test.each([
    'a',
    'a b.iso',
    'x'.repeat(255),
    '日本語.txt',
    '12:30 what?.md',
    'a..b',
    'e\u0301',
    '🦜.png',
    ' a',
  ])('%s is one', (name) => expect(must(parseFileName(name))).toBe(name));

  test.each(
    [
      ...[
        '',
        '.',
        '..',
        '.hidden',
        '../etc/passwd',
        'a/b',
        '/etc/passwd',
        'a\\b',
        '..\\a',
        'C:\\a',
        '\\\\host\\share',
      ],
      ...['a\u0000', 'a\u0000.txt', 'a\nb', 'a\rb', '\u001b[2J', 'a\u007f', 'a\u0085', 'a\u2028b', 'a\u2029'],
      ...['gpj\u202eexe', '\u2066a', 'a\u200f', 'a\ud800', 'x'.repeat(256), '日'.repeat(86)],
    ].map((name) => [show(name), name]),
  )('%s is none', (_shown, name) => expect(parseFileName(name).ok).toBe(false));
});

// CHAT-FILE-2
describe('paths of files', () => {
  const deep = (parts: number) => Array.from({ length: parts }, () => 'd').join('/');
  const long = (bytes: number) => `${'x'.repeat(255)}/`.repeat(5).slice(0, bytes);

  test.each(['a', 'a/b', 'a b/c d.iso', '日本語/🦜.png', deep(16), long(1_023)])('%s is one', (path) =>
    expect(must(parseFilePath(path))).toBe(path),
  );

  test.each([
    '',
    '/',
    '/a',
    'a/',
    'a//b',
    'a/./b',
    'a/../b',
    'a/.git/b',
    deep(17),
    `${long(1_023)}/x`,
    'a/\u0000',
    'a/b\\c',
  ])('%s is none', (path) => expect(parseFilePath(path).ok).toBe(false));
});
