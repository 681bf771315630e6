import { safeText } from '../text/safe-text.ts';
import { textWidth } from '../text/width.ts';

/** What a piece of text is, not what it looks like: a theme decides that. */
export type StyleName =
  | 'time'
  | 'nickname'
  | 'own-nickname'
  | 'direct'
  | 'mention'
  | 'notice'
  | 'good'
  | 'bad'
  | 'dim'
  | 'strong'
  | 'bar'
  | 'bar-paused'
  /** A line between parts of the screen, or between days. */
  | 'rule'
  | 'status'
  | 'status-bad'
  | 'status-strong'
  /** What is chosen of a list. */
  | 'choice'
  | 'unread'
  /** Above things that belong together. */
  | 'heading'
  | 'link';

/** A piece of text of one style. The text may come from anywhere: it is sanitised when it is drawn. */
export interface Span {
  readonly text: string;
  readonly style?: StyleName;
  /** The whole nickname, which its colour depends on, when `text` is only a part of it. */
  readonly nickname?: string;
  /** Where it leads: printable ASCII, as `linkParts` gives it. */
  readonly link?: string;
}

/** One line on the screen, before the terminal wraps it. */
export type Line = readonly Span[];

/** A piece of text. */
export function span(text: string, style?: StyleName): Span {
  return style === undefined ? { text } : { text, style };
}

/** A line without its styles. */
export function lineText(line: Line): string {
  return line.map(({ text }) => text).join('');
}

/** The columns that a line takes once it is sanitised. */
export function lineWidth(line: Line): number {
  return line.reduce((width, { text }) => width + textWidth(safeText(text)), 0);
}
