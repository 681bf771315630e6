import { escapePattern } from '../text/escape-pattern.ts';
import type { Line, StyleName } from './line.ts';

/** The line with another style wherever the pattern is found; it has one group, which is all of it. */
export function highlighted(line: Line, pattern: RegExp, style: StyleName): Line {
  return line.flatMap((span) =>
    // With a group, every second part is what was found.
    span.text
      .split(pattern)
      .map((text, index) => (index % 2 === 1 ? { ...span, text, style } : { ...span, text }))
      .filter(({ text }) => text !== ''),
  );
}

/** Finds any of the words, whatever its case; undefined for none. */
export function wordsPattern(words: readonly string[]): RegExp | undefined {
  if (words.length === 0) return undefined;
  return new RegExp(`(${words.map(escapePattern).join('|')})`, 'iu');
}
