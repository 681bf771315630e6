import { describe, expect, test } from 'vitest';
import { KeyDecoder, type KeyEvent } from '../src/input/key-decoder.ts';

const ESC = '\u001b';
const key = (name: string, modifiers: { ctrl?: boolean; alt?: boolean } = {}): KeyEvent => ({
  type: 'key',
  name,
  ctrl: modifiers.ctrl ?? false,
  alt: modifiers.alt ?? false,
});
const decode = (text: string) => new KeyDecoder().push(text);

describe('one key', () => {
  test.each([
    ['\r', key('enter')],
    ['\n', key('enter')],
    ['\t', key('tab')],
    ['\u007f', key('backspace')],
    ['\b', key('backspace')],
    ['\u0001', key('a', { ctrl: true })],
    ['\u0003', key('c', { ctrl: true })],
    ['\u001a', key('z', { ctrl: true })],
    [`${ESC}[A`, key('up')],
    [`${ESC}OA`, key('up')],
    [`${ESC}[D`, key('left')],
    [`${ESC}[1;5C`, key('right', { ctrl: true })],
    [`${ESC}[1;3D`, key('left', { alt: true })],
    [`${ESC}[H`, key('home')],
    [`${ESC}[1~`, key('home')],
    [`${ESC}[4~`, key('end')],
    [`${ESC}[3~`, key('delete')],
    [`${ESC}b`, key('b', { alt: true })],
    [`${ESC}\r`, key('enter', { alt: true })],
    [`${ESC}\u007f`, key('backspace', { alt: true })],
  ])('%j', (text, event) => {
    expect(decode(text)).toEqual([event]);
  });
});

test('text and Enter in one chunk are text and Enter', () => {
  expect(decode('hello\r/quit\r')).toEqual([
    { type: 'text', text: 'hello' },
    key('enter'),
    { type: 'text', text: '/quit' },
    key('enter'),
  ]);
});

test('text is kept whole whatever its script', () => {
  expect(decode('日本👍')).toEqual([{ type: 'text', text: '日本👍' }]);
});

test('a sequence may arrive in pieces', () => {
  const decoder = new KeyDecoder();
  expect(decoder.push(ESC)).toEqual([]);
  expect(decoder.hasPendingEscape).toBe(true);
  expect(decoder.push('[1;')).toEqual([]);
  expect(decoder.push('5D')).toEqual([key('left', { ctrl: true })]);
  expect(decoder.hasPendingEscape).toBe(false);
});

test('an Escape that nothing follows is the Escape key', () => {
  const decoder = new KeyDecoder();
  decoder.push(ESC);
  expect(decoder.flush()).toEqual([key('escape')]);
  expect(decoder.push('x')).toEqual([{ type: 'text', text: 'x' }]);
});

describe('a paste', () => {
  const paste = `${ESC}[200~two\rlines${ESC}[201~`;

  test('is one event with its line breaks', () => {
    expect(decode(`a${paste}b`)).toEqual([
      { type: 'text', text: 'a' },
      { type: 'paste', text: 'two\rlines' },
      { type: 'text', text: 'b' },
    ]);
  });

  test('may arrive one character at a time', () => {
    const decoder = new KeyDecoder();
    const events = Array.from(paste).flatMap((character) => decoder.push(character));
    expect(events).toEqual([{ type: 'paste', text: 'two\rlines' }]);
  });

  test('may hold escape sequences, which are not keys', () => {
    expect(decode(`${ESC}[200~${ESC}[A\u0003${ESC}[201~`)).toEqual([
      { type: 'paste', text: `${ESC}[A\u0003` },
    ]);
  });

  test('is bounded', () => {
    const decoder = new KeyDecoder();
    decoder.push(`${ESC}[200~`);
    for (let chunk = 0; chunk < 30; chunk += 1) decoder.push('x'.repeat(50_000));
    const [event] = decoder.push(`${ESC}[201~`);
    expect(event?.type === 'paste' && event.text.length).toBe(1_000_000);
  });
});

test('answers of the terminal are not keys', () => {
  expect(decode(`${ESC}[24;80R${ESC}]11;rgb:0000/0000/0000${ESC}\\${ESC}P1$r0m${ESC}\\x`)).toEqual([
    { type: 'text', text: 'x' },
  ]);
});

test('a sequence without an end is given up', () => {
  const decoder = new KeyDecoder();
  decoder.push(`${ESC}]${'x'.repeat(100)}`);
  expect(decoder.push('y')).toEqual([{ type: 'text', text: 'y' }]);
});
