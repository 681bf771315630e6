import { type LogEntry, nicknameKey } from '@parley/protocol';
import type { SearchQuery } from './history-store.ts';
import { namesFile, wordsOf } from './words.ts';

/** Whether an entry is what a search looks for, wherever it was said: what an index answers, without one. */
// CHAT-SEARCH-1, CHAT-SEARCH-2
export function fitsSearch({ text, kind, time, from }: LogEntry, query: SearchQuery): boolean {
  if (kind !== 'text' || text === undefined) return false;
  if (query.after !== undefined && time < query.after) return false;
  if (query.before !== undefined && time >= query.before) return false;
  if (query.from !== undefined && nicknameKey(from) !== query.from) return false;
  if (query.hasFile && !namesFile(text)) return false;
  if (query.words.length === 0) return true;
  const words = wordsOf(text);
  return query.words.every((phrase) => hasPhrase(words, wordsOf(phrase)));
}

/** Whether the words of a phrase stand in a text one behind the other. */
function hasPhrase(words: readonly string[], [first, ...rest]: readonly string[]): boolean {
  if (first === undefined) return true;
  for (let at = words.indexOf(first); at !== -1; at = words.indexOf(first, at + 1)) {
    if (rest.every((word, index) => words[at + 1 + index] === word)) return true;
  }
  return false;
}
