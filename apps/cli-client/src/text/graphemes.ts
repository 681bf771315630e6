// What a person calls one character is a grapheme: a letter with its accents, a flag, a family emoji.
// The cursor moves by graphemes, columns are counted by graphemes, long text is cut between graphemes.

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
const wordSegmenter = new Intl.Segmenter('en', { granularity: 'word' });

// biome-ignore lint/suspicious/noControlCharactersInRegex: the fast path has to name the printable range
const PLAIN_ASCII = /^[\x00-\x0c\x0e-\x7f]*$/;

/** Splits a text into graphemes. */
export function graphemes(text: string): string[] {
  if (PLAIN_ASCII.test(text)) return text.split('');
  return Array.from(segmenter.segment(text), (part) => part.segment);
}

/** The index (UTF-16) at which the grapheme before `index` starts; 0 at the beginning. */
export function previousGrapheme(text: string, index: number): number {
  if (index <= 0) return 0;
  return segmenter.segment(text).containing(index - 1)?.index ?? 0;
}

/** The index (UTF-16) just behind the grapheme that starts at `index`; the length at the end. */
export function nextGrapheme(text: string, index: number): number {
  if (index >= text.length) return text.length;
  const part = segmenter.segment(text).containing(index);
  return part ? part.index + part.segment.length : text.length;
}

/** The start of the word at or before `index`, as Alt-B and Ctrl-Left go there. */
export function previousWord(text: string, index: number): number {
  let start = 0;
  for (const part of wordSegmenter.segment(text)) {
    if (part.index >= index) break;
    if (part.isWordLike) start = part.index;
  }
  return start;
}

/** The end of the word at or behind `index`, as Alt-F and Ctrl-Right go there. */
export function nextWord(text: string, index: number): number {
  for (const part of wordSegmenter.segment(text)) {
    const end = part.index + part.segment.length;
    if (part.isWordLike && end > index) return end;
  }
  return text.length;
}
