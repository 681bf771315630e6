import { expect, test } from 'vitest';
import { wordsOf } from '../../src/history/words.ts';

// CHAT-SEARCH-1
test.each([
  ["It's 2 o'clock: FOO_bar-baz.\n", ['it', 's', '2', 'o', 'clock', 'foo', 'bar', 'baz']],
  ["Ça, c'est LE café n°2!", ['ca', 'c', 'est', 'le', 'cafe', 'n', '2']],
  ['tea 🦜 茶', ['tea', '茶']],
  ['...', []],
  ['', []],
])('the words of %j', (text, words) => {
  expect(wordsOf(text)).toEqual(words);
});
