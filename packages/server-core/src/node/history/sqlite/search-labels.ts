import { type Nickname, nicknameKey } from '@parley/protocol';
import { namesFile, wordsOf } from '../../../history/words.ts';

/**
 * What the index knows of an entry beside the words of its text. A label has a `_`, which no word has, so that the two
 * cannot be mixed up; filters are then words that have to be there, and cost what words cost.
 */
export const FILE_LABEL = 'file_';

/** Label of the entries of a room, by its number in the file. */
export function roomLabel(room: number): string {
  return `room_${room}`;
}

/** Label of the entries of an author, by the key of the nickname. */
export function authorLabel(key: string): string {
  return `from_${Buffer.from(key).toString('hex')}`;
}

/** Names whose labels are remembered, a megabyte at most. */
const REMEMBERED_MAX = 5_000;

/** Labels of authors, by their nicknames: those who write have mostly written before. */
const authorLabels = new Map<Nickname, string>();

function authorLabelOf(from: Nickname): string {
  const known = authorLabels.get(from);
  if (known !== undefined) return known;
  if (authorLabels.size >= REMEMBERED_MAX) authorLabels.clear();
  const label = authorLabel(nicknameKey(from));
  authorLabels.set(from, label);
  return label;
}

/** All that an entry is found by. */
// CHAT-SEARCH-1, CHAT-SEARCH-2
export function indexedWords(room: number, from: Nickname, text: string): string[] {
  const words = wordsOf(text);
  words.push(roomLabel(room), authorLabelOf(from));
  if (namesFile(text)) words.push(FILE_LABEL);
  return words;
}
