import { findFileReference } from '@parley/protocol';

/**
 * How a text falls into words, for the index of every store, so that all of them find the same whatever their engine takes
 * for a letter.
 */
export function wordsOf(text: string): string[] {
  // Nothing in ASCII has marks, and most texts are that.
  if (isAscii(text)) return text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  // Folded marks: café is found by cafe.
  const folded = text
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .toLowerCase();
  return folded.match(/[\p{L}\p{N}\p{Co}]+/gu) ?? [];
}

/** Whether a text is ASCII alone. */
export function isAscii(text: string): boolean {
  return ASCII.test(text);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: all of ASCII
const ASCII = /^[\u0000-\u007f]*$/;

/** Whether a text names a file, for `has:file`. */
// CHAT-SEARCH-2
export function namesFile(text: string): boolean {
  return findFileReference(text) !== undefined;
}
