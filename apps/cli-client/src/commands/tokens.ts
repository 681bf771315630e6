/** One word of a command line, with where it stands in the text (for completion). */
export interface Token {
  /** The word without its quotes. */
  readonly value: string;
  readonly start: number;
  readonly end: number;
  /** The quote that opened it, or `''`. */
  readonly quote: '"' | "'" | '';
  /** False when the closing quote is missing. */
  readonly isClosed: boolean;
}

/**
 * Splits a text into words at spaces. A word that begins with `"` or `'` goes to the next such quote, so names
 * may hold spaces; inside `"…"` a quote is written `\"` and a backslash `\\`. A quote inside a word is an
 * ordinary character: `it's.txt` needs no quoting.
 */
export function tokenize(text: string, from = 0): Token[] {
  const tokens: Token[] = [];
  let index = from;
  while (index < text.length) {
    if (isSpace(text[index])) {
      index += 1;
      continue;
    }
    const token = takeToken(text, index);
    tokens.push(token);
    index = token.end;
  }
  return tokens;
}

/** A word as it has to be typed so that `tokenize` gives it back. */
export function quoted(value: string): string {
  if (value !== '' && !/[\s]/.test(value) && !/^["']/.test(value)) return value;
  return `"${value.replace(/["\\]/g, '\\$&')}"`;
}

function takeToken(text: string, start: number): Token {
  const first = text[start];
  if (first === '"' || first === "'") return takeQuoted(text, start, first);
  let end = start;
  while (end < text.length && !isSpace(text[end])) end += 1;
  return { value: text.slice(start, end), start, end, quote: '', isClosed: true };
}

function takeQuoted(text: string, start: number, quote: '"' | "'"): Token {
  let value = '';
  let index = start + 1;
  while (index < text.length && text[index] !== quote) {
    const isEscape = quote === '"' && text[index] === '\\' && /["\\]/.test(text[index + 1] ?? '');
    if (isEscape) index += 1;
    value += text[index];
    index += 1;
  }
  const isClosed = index < text.length;
  return { value, start, end: isClosed ? index + 1 : index, quote, isClosed };
}

function isSpace(character: string | undefined): boolean {
  return character !== undefined && /\s/.test(character);
}
