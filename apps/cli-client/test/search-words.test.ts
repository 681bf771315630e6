import { expect, test } from 'vitest';
import { searchWords } from '../src/text/search-words.ts';

// CHAT-SEARCH-1, CHAT-SEARCH-2
test.each([
  ['tea  time', ['tea', 'time']],
  ['"tea time" now', ['tea time', 'now']],
  ['from:ann in:"my room" has:file tea', ['tea']],
  ['https://example.org:8080/', ['https://example.org:8080/']],
  ['"" tea', ['tea']],
])('a search for %s finds %j', (query, words) => {
  expect(searchWords(query)).toEqual(words);
});
