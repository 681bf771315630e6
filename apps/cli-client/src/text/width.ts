import { eastAsianWidth } from 'get-east-asian-width';
import { graphemes } from './graphemes.ts';

const PRINTABLE_ASCII = /^[ -~]*$/;
const EMOJI_BY_DEFAULT = /^\p{Emoji_Presentation}/u;
const EMOJI_BY_REQUEST = /^\p{Emoji}.*\ufe0f/u;
const INVISIBLE_START = /^[\p{Mn}\p{Me}\p{Cf}\p{Cc}]/u;
// Letters and spacing marks that join a cluster without being drawn over its base (Indic conjuncts), and
// the half-width katakana voicing marks. Hangul vowels and finals (U+1160–11FF) do merge into their base.
const SPACING_PART = /[\p{Lo}\p{Mc}\uff9e\uff9f]/u;
const HANGUL_PART = /[\u1160-\u11ff\ud7b0-\ud7ff]/u;

/** The columns that one grapheme takes on a terminal: 0, 1 or 2, more only for clusters of several letters. */
export function graphemeWidth(grapheme: string): number {
  const first = grapheme.codePointAt(0);
  if (first === undefined) return 0;
  if (first < 0x7f) {
    if (first < 0x20) return 0;
    // Nearly everything that is ever drawn ends here.
    if (grapheme.length === 1) return 1;
    return EMOJI_BY_REQUEST.test(grapheme) ? 2 : 1;
  }
  if (EMOJI_BY_DEFAULT.test(grapheme) || EMOJI_BY_REQUEST.test(grapheme)) return 2;
  if (INVISIBLE_START.test(grapheme)) return 0;
  const parts = Array.from(grapheme);
  let width = eastAsianWidth(first);
  for (const part of parts.slice(1)) {
    if (SPACING_PART.test(part) && !HANGUL_PART.test(part)) width += eastAsianWidth(part.codePointAt(0) ?? 0);
  }
  return width;
}

/** The columns that a text takes on a terminal. Control characters count nothing: show text sanitised. */
export function textWidth(text: string): number {
  if (PRINTABLE_ASCII.test(text)) return text.length;
  let width = 0;
  for (const grapheme of graphemes(text)) width += graphemeWidth(grapheme);
  return width;
}

/** The text cut to at most `columnsMax` columns; what was cut is replaced by `ellipsis` (counted in). */
export function cutToWidth(text: string, columnsMax: number, ellipsis = '…'): string {
  if (textWidth(text) <= columnsMax) return text;
  const columnsOfText = columnsMax - textWidth(ellipsis);
  if (columnsOfText < 0) return '';
  let width = 0;
  let kept = '';
  for (const grapheme of graphemes(text)) {
    width += graphemeWidth(grapheme);
    if (width > columnsOfText) break;
    kept += grapheme;
  }
  return kept + ellipsis;
}

/** The text cut to at most `columnsMax` columns inside, so that the ends of names that begin alike can be told apart. */
export function cutInside(text: string, columnsMax: number, ellipsis = '…'): string {
  if (textWidth(text) <= columnsMax) return text;
  const parts = graphemes(text);
  const columns = columnsMax - textWidth(ellipsis);
  let tail = '';
  while (parts.length > 0 && textWidth((parts.at(-1) ?? '') + tail) <= columns / 2) tail = parts.pop() + tail;
  return cutToWidth(text, columnsMax - textWidth(tail), ellipsis) + tail;
}

/** The text filled up with spaces to `columns` columns, and never cut. */
export function padToWidth(text: string, columns: number, side: 'left' | 'right' = 'right'): string {
  const filler = ' '.repeat(Math.max(0, columns - textWidth(text)));
  return side === 'right' ? text + filler : filler + text;
}
