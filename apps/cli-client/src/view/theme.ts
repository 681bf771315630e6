import { safeText } from '../text/safe-text.ts';
import { cutToWidth, textWidth } from '../text/width.ts';
import type { Line, Span, StyleName } from './line.ts';

/** Select Graphic Rendition (ECMA-48 §8.3.117), in the sixteen colours that every colour terminal has. */
const SGR: Readonly<Record<StyleName, string>> = {
  time: '90',
  nickname: '',
  'own-nickname': '1',
  direct: '35',
  mention: '1;33',
  notice: '90',
  good: '32',
  bad: '31',
  dim: '90',
  strong: '1',
  bar: '36',
  'bar-paused': '33',
  rule: '90',
  status: '7',
  'status-bad': '7;31',
  'status-strong': '1;7',
  choice: '7',
  unread: '1',
  heading: '1;36',
  link: '4',
};

/** Colours that a nickname may have, readable on light and dark alike. */
const NICKNAME_COLORS = ['31', '32', '33', '34', '35', '36', '91', '92', '94', '95', '96'];

/** How styles look. Drawing is also where text is sanitised: nothing else makes characters for the terminal. */
export class Theme {
  readonly #hasColors: boolean;

  constructor(options: { readonly hasColors: boolean }) {
    this.#hasColors = options.hasColors;
  }

  /** A line as the terminal gets it; cut to `columnsMax` columns when that is given. */
  paint(line: Line, columnsMax = Number.POSITIVE_INFINITY): string {
    let painted = '';
    let columns = 0;
    for (const span of line) {
      const text = cutToWidth(safeText(span.text), columnsMax - columns);
      columns += textWidth(text);
      painted += this.#color(text, span);
      if (columns >= columnsMax) break;
    }
    return painted;
  }

  #color(text: string, { style }: Span): string {
    if (!this.#hasColors || style === undefined || text === '') return text;
    const code = style === 'nickname' ? nicknameColor(text) : SGR[style];
    return `\u001b[${code}m${text}\u001b[0m`;
  }
}

/** The same nickname has the same colour everywhere. */
function nicknameColor(nickname: string): string {
  let hash = 0;
  for (const character of nickname.toLowerCase()) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) >>> 0;
  return NICKNAME_COLORS[hash % NICKNAME_COLORS.length] ?? '36';
}
