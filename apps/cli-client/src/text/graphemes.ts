// What a person calls one character is a grapheme: a letter with its accents, a flag, a family emoji.
// The cursor moves by graphemes, columns are counted by graphemes, long text is cut between graphemes.

let segmenter: Intl.Segmenter | undefined;
let wordSegmenter: Intl.Segmenter | undefined;

/** Made when first needed: it takes longer than any other part of a start, and most scripts and texts do without. */
function byGraphemes(): Intl.Segmenter {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return segmenter;
}

function byWords(): Intl.Segmenter {
  wordSegmenter ??= new Intl.Segmenter('en', { granularity: 'word' });
  return wordSegmenter;
}

/**
 * Code points of one UTF-16 unit of which none joins what stands before or behind it (UAX #29). Nearly all that is ever drawn
 * is of these, and the segmenter is slow.
 */
const ALONE = [
  // ASCII without the carriage return, which joins a line feed; letters with their accents.
  String.raw`\0-\x0c\x0e-\x7f\xa0-\xac\xae-\u02ff`,
  // Greek and Cyrillic without their marks.
  String.raw`\u0370-\u0482\u048a-\u052f`,
  // Punctuation, currencies, arrows, lines and boxes.
  String.raw`\u2010-\u2027\u2030-\u205e\u20a0-\u20bf\u2100-\u2bff`,
  // Kana, Han, whole syllables of Hangul, full-width letters.
  String.raw`\u3000-\u3029\u3041-\u3096\u30a0-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff9d`,
];
const PLAIN = new RegExp(`^[${ALONE.join('')}]*$`);

/** Splits a text into graphemes. */
export function graphemes(text: string): string[] {
  if (PLAIN.test(text)) return text.split('');
  return Array.from(byGraphemes().segment(text), (part) => part.segment);
}

/** The index (UTF-16) at which the grapheme before `index` starts; 0 at the beginning. */
export function previousGrapheme(text: string, index: number): number {
  if (index <= 0) return 0;
  return (
    byGraphemes()
      .segment(text)
      .containing(index - 1)?.index ?? 0
  );
}

/** The index (UTF-16) just behind the grapheme that starts at `index`; the length at the end. */
export function nextGrapheme(text: string, index: number): number {
  if (index >= text.length) return text.length;
  const part = byGraphemes().segment(text).containing(index);
  return part ? part.index + part.segment.length : text.length;
}

/** The start of the word at or before `index`, as Alt-B and Ctrl-Left go there. */
export function previousWord(text: string, index: number): number {
  let start = 0;
  for (const part of byWords().segment(text)) {
    if (part.index >= index) break;
    if (part.isWordLike) start = part.index;
  }
  return start;
}

/** The end of the word at or behind `index`, as Alt-F and Ctrl-Right go there. */
export function nextWord(text: string, index: number): number {
  for (const part of byWords().segment(text)) {
    const end = part.index + part.segment.length;
    if (part.isWordLike && end > index) return end;
  }
  return text.length;
}
