import { linkParts } from '../text/links.ts';
import { safeLines, safeText } from '../text/safe-text.ts';
import { cutToWidth, textWidth } from '../text/width.ts';
import type { Entry } from '../view/entry.ts';
import { contentLines } from '../view/entry-lines.ts';
import { formatDay, formatTime, isSameDay } from '../view/format.ts';
import type { Glyphs } from '../view/glyphs.ts';
import { type Line, type Span, span } from '../view/line.ts';
import type { UnsentLine } from '../view/place.ts';
import { wrapLine } from '../view/wrap.ts';
import { PictureCache } from './picture-cache.ts';

const NICKNAME_COLUMNS_MAX = 14;
const NICKNAME_COLUMNS_MIN = 5;
const TIME_COLUMNS = 5;
/** Rows of a line that was not sent: enough to know which one it is. */
const UNSENT_ROWS_MAX = 4;

/** How messages are laid out: with how many columns, and whether a line divides names from texts. */
export interface MessageLayout {
  readonly columns: number;
  /** Copy mode: what is marked with the mouse is text and nothing else. */
  readonly isBare: boolean;
}

interface Column {
  /** What stands there in the first row of an entry. */
  readonly first: Line;
  readonly rest: Line;
}

/**
 * The rows of entries. Time and name have columns of their own, left of the texts, which no text can reach: so none can look
 * like another entry. Rows are kept for the next picture.
 */
export class MessageRows {
  readonly #glyphs: Glyphs;
  readonly #kept = new PictureCache<Entry, readonly Line[]>();
  #layout: MessageLayout = { columns: 0, isBare: false };

  constructor(glyphs: Glyphs) {
    this.#glyphs = glyphs;
  }

  /** Says how the next picture is laid out. */
  setLayout(layout: MessageLayout): void {
    this.#kept.turn();
    if (layout.columns === this.#layout.columns && layout.isBare === this.#layout.isBare) return;
    this.#layout = layout;
    this.#kept.clear();
  }

  /** The rows of an entry, with a line for the day if it is the first of one, and for where the unread ones begin. */
  of(entry: Entry, previous: Entry | undefined, isFirstUnread: boolean): readonly Line[] {
    const rows = this.#own(entry);
    const isNewDay = previous === undefined || !isSameDay(entry.time, previous.time);
    if (!isNewDay && !isFirstUnread) return rows;
    return [
      ...(isNewDay ? [this.#rule(formatDay(entry.time), 'rule')] : []),
      ...(isFirstUnread ? [this.#rule('new', 'bad')] : []),
      ...rows,
    ];
  }

  /** The rows of something that the user said and that is not in the log (yet). */
  ofUnsent({ text, problem }: UnsentLine, nickname: string): Line[] {
    const { bad, waiting } = this.#glyphs;
    const isWaiting = problem === undefined;
    const clock = [span((isWaiting ? waiting : bad).padEnd(TIME_COLUMNS), isWaiting ? 'dim' : 'bad')];
    const column = this.#column(clock, span(nickname, 'own-nickname'));
    const lines = safeLines(text).map((line): Line => [span(line, 'dim')]);
    const rows = this.#rows(column, lines).slice(0, UNSENT_ROWS_MAX);
    if (isWaiting) return rows;
    const why: Line = [span(`not sent: ${problem}; /retry says it again`, 'bad')];
    return [...rows, ...this.#rows({ first: column.rest, rest: column.rest }, [why])];
  }

  #own(entry: Entry): readonly Line[] {
    return this.#kept.get(entry, () => this.#make(entry));
  }

  #make({ time, content }: Entry): Line[] {
    const clock = [span(formatTime(time), 'time')];
    if (content.type === 'message') {
      const { from, isOwn, isMention, isEdited, text } = content;
      const name = span(from, isOwn ? 'own-nickname' : 'nickname');
      return this.#rows(this.#column(clock, name), said(text, isMention ? 'mention' : undefined, isEdited));
    }
    if (content.type === 'direct') {
      const name = span(content.from, content.isOwn ? 'own-nickname' : 'nickname');
      return this.#rows(this.#column(clock, name), said(content.text, undefined, false));
    }
    return this.#rows(this.#column(clock), contentLines(content, this.#glyphs));
  }

  #rows({ first, rest }: Column, lines: readonly Line[]): Line[] {
    const columns = Math.max(4, this.#layout.columns - this.#gutterColumns);
    const rows = lines.flatMap((line) => wrapLine(line, columns, []));
    return rows.map((row, index) => [...(index === 0 ? first : rest), ...row]);
  }

  get #nicknameColumns(): number {
    const sixth = Math.floor(this.#layout.columns / 6);
    return Math.min(NICKNAME_COLUMNS_MAX, Math.max(NICKNAME_COLUMNS_MIN, sixth));
  }

  get #gutterColumns(): number {
    return TIME_COLUMNS + 1 + this.#nicknameColumns + 3;
  }

  #column(clock: Line, name?: Span): Column {
    const columns = this.#nicknameColumns;
    const whole = safeText(name?.text ?? '');
    const shown = cutToWidth(whole, columns, this.#glyphs.ellipsis);
    const line = this.#layout.isBare ? span('   ') : span(` ${this.#glyphs.vertical} `, 'rule');
    const left = span(' '.repeat(1 + columns - textWidth(shown)));
    return {
      first: [...clock, left, { ...span(shown, name?.style), nickname: whole }, line],
      rest: [span(' '.repeat(TIME_COLUMNS + 1 + columns)), line],
    };
  }

  #rule(words: string, style: 'rule' | 'bad'): Line {
    const { horizontal } = this.#glyphs;
    const { columns } = this.#layout;
    const left = Math.max(0, Math.floor((columns - words.length - 2) / 2));
    const right = Math.max(0, columns - left - words.length - 2);
    return [span(`${horizontal.repeat(left)} ${words} ${horizontal.repeat(right)}`, style)];
  }
}

function said(text: string, style: Span['style'], isEdited: boolean | undefined): Line[] {
  const lines = safeLines(text).map((line): Span[] =>
    linkParts(line).map((part) => ({ ...span(part.text, style), ...(part.link && { link: part.link }) })),
  );
  if (isEdited === true) lines.at(-1)?.push(span(' (edited)', 'dim'));
  return lines;
}
