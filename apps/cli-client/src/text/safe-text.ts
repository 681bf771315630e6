// The one place where text becomes fit for a terminal. Messages, nicknames, file names and the server's own
// words come from strangers: an escape sequence in them could retitle the window, paint a false line or worse
// (CWE-150), a bidi override could show a name backwards, an invisible character could make two names look
// alike. Renderers accept `SafeText` only, so nothing gets past this file.

import { graphemes } from './graphemes.ts';

declare const safe: unique symbol;

/** Text that holds no control, no escape, no invisible trick, and is of bounded length. */
export type SafeText = string & { readonly [safe]: true };

/** What the protocol allows in one message is shown, were it one line; more would only be a nuisance. */
const GRAPHEMES_PER_LINE_MAX = 4_200;
/** A line that is longer by no more than this is shown whole: so the words about a cut are not cut again. */
const GRAPHEMES_SLACK = 40;
/** Lines of one message that are shown. */
const LINES_MAX = 100;
/** Marks on one letter: Vietnamese needs two, Hebrew with cantillation four; floods ("zalgo") need fifty. */
const MARKS_PER_BASE_MAX = 6;
/** Joins in one emoji: the longest in Unicode (a kiss with skin tones) has three. */
const JOINS_PER_EMOJI_MAX = 4;

const REPLACEMENT = '\ufffd';
const PLAIN = /^[\x20-\x7e]*$/;
const LINE_BREAK = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/;
const SUSPECT =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]/u;
// Format characters that are drawn: the Arabic and Syriac signs that go under or around a number.
const DRAWN_FORMAT = /[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u{110bd}\u{110cd}]/u;
const MARK = /\p{M}/u;
const SPACE = /\p{Zs}/u;
const EMOJI_PART = /\p{Extended_Pictographic}|\p{Emoji_Modifier}|\ufe0f/u;
// Scripts whose spelling needs the zero-width joiner and non-joiner between letters (RFC 5892, appendix A).
const JOINING_SCRIPT =
  /[\p{Script=Arabic}\p{Script=Syriac}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Sinhala}\p{Script=Mongolian}\p{M}]/u;

/** One line, fit for a terminal. Line breaks are shown as `␤`. */
export function safeText(raw: string, graphemesMax: number = GRAPHEMES_PER_LINE_MAX): SafeText {
  if (PLAIN.test(raw) && raw.length <= graphemesMax) return raw as SafeText;
  return cut(clean(raw), graphemesMax);
}

/** A text of several lines, fit for a terminal; what exceeds the limits is counted, not shown. */
export function safeLines(raw: string): SafeText[] {
  const parts = raw.split(LINE_BREAK);
  const lines = parts.slice(0, LINES_MAX).map((line) => safeText(line));
  const hidden = parts.length - lines.length;
  if (hidden > 0) lines.push(`… (${hidden} more lines)` as SafeText);
  return lines;
}

function cut(text: string, graphemesMax: number): SafeText {
  if (text.length <= graphemesMax + GRAPHEMES_SLACK) return text as SafeText;
  const parts = graphemes(text);
  if (parts.length <= graphemesMax + GRAPHEMES_SLACK) return text as SafeText;
  const kept = parts.slice(0, graphemesMax).join('');
  return `${kept}… (${parts.length - graphemesMax} more characters)` as SafeText;
}

function clean(raw: string): string {
  const characters = Array.from(raw);
  let result = '';
  let marks = 0;
  let joins = 0;
  for (const [index, character] of characters.entries()) {
    const shown = visible(character, characters[index - 1], characters[index + 1]);
    if (shown !== character) {
      // A run of the same invisible thing is one sign: a flood of them must not fill the screen.
      if (shown !== REPLACEMENT || !result.endsWith(REPLACEMENT)) result += shown;
      marks = 0;
      joins = 0;
    } else if (isJoiner(character)) {
      joins += 1;
      if (joins <= JOINS_PER_EMOJI_MAX) result += character;
    } else if (MARK.test(character)) {
      // A mark without a letter would sit on whatever the program printed before it.
      if (result === '') result = '\u25cc';
      marks += 1;
      if (marks <= MARKS_PER_BASE_MAX) result += character;
    } else {
      if (!isJoiner(characters[index - 1])) joins = 0;
      marks = 0;
      result += character;
    }
  }
  return result;
}

/** What to show for a character: itself when it is harmless between its neighbours. */
function visible(character: string, previous = '', next = ''): string {
  if (character === '\t') return '    ';
  if (SPACE.test(character) && character !== '\u3000') return ' ';
  if (!SUSPECT.test(character)) return character;
  const code = character.codePointAt(0) ?? 0;
  if (LINE_BREAK.test(character)) return '\u2424';
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return '\u2421';
  if (DRAWN_FORMAT.test(character)) return character;
  if ((code === 0xfe0e || code === 0xfe0f) && /[\p{Emoji}\p{Extended_Pictographic}]/u.test(previous))
    return character;
  if (isJoiner(character) && mayJoin(code, previous, next)) return character;
  return REPLACEMENT;
}

function isJoiner(character: string | undefined): boolean {
  return character === '\u200c' || character === '\u200d';
}

function mayJoin(code: number, previous: string, next: string): boolean {
  if (JOINING_SCRIPT.test(previous) && JOINING_SCRIPT.test(next)) return true;
  return code === 0x200d && EMOJI_PART.test(previous) && /\p{Extended_Pictographic}/u.test(next);
}
