import { expect, test } from 'vitest';
import { wrapHint } from '../src/view/area.ts';
import { lineText, span } from '../src/view/line.ts';

const words = Array.from({ length: 12 }, (_, index) => `word-${index}`);
const rowsOf = (chosen: number | undefined, columns = 26) =>
  wrapHint(
    words.map((word, index) => span(word, index === chosen ? 'choice' : 'dim')),
    columns,
    '…',
  ).map(lineText);

test('what Tab found has three rows, and a sign that there is more', () => {
  expect(rowsOf(undefined)).toEqual([
    'word-0  word-1  word-2',
    'word-3  word-4  word-5',
    'word-6  word-7  word-8  …',
  ]);
  expect(rowsOf(undefined, 24).at(-1)).toBe('word-6  word-7  …');
  expect(rowsOf(undefined, 40)).toHaveLength(3);
});

test('what is chosen is in sight, and at the end there is no such sign', () => {
  expect(rowsOf(7)[1]).toBe('word-6  word-7  word-8');
  expect(rowsOf(11).at(-1)).toBe('word-9  word-10  word-11');
});

test('a sentence that is too long for a row goes on in the next', () => {
  const rows = wrapHint([span('there is no room of that name')], 12, '…').map(lineText);
  expect(rows).toEqual(['there is no', 'room of that', 'name']);
});
