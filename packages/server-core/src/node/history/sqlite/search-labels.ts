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

/** All that an entry is found by. */
// CHAT-SEARCH-1, CHAT-SEARCH-2
export function indexedWords(room: number, from: Nickname, text: string): string {
  const labels = [roomLabel(room), authorLabel(nicknameKey(from))];
  if (namesFile(text)) labels.push(FILE_LABEL);
  return [...labels, ...wordsOf(text)].join(' ');
}
