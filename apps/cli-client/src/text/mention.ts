import { escapePattern } from './escape-pattern.ts';

/** Finds a nickname that stands in a text as a word; with a group, so that a text can be split at it. */
export function mentionPattern(nickname: string): RegExp {
  return new RegExp(`(?<![\\p{L}\\p{N}_])(${escapePattern(nickname)})(?![\\p{L}\\p{N}_])`, 'iu');
}

/** Whether the text names somebody. */
export function mentions(text: string, nickname: string): boolean {
  // Most messages are done with here, and there may be thousands of them in a second.
  return text.toLowerCase().includes(nickname.toLowerCase()) && mentionPattern(nickname).test(text);
}
