import { linkParts } from '../text/links.ts';
import { mentionPattern } from '../text/mention.ts';
import { safeLines, safeText } from '../text/safe-text.ts';
import { cutToWidth, textWidth } from '../text/width.ts';
import type { Entry, EntryContent } from '../view/entry.ts';
import { markedLines } from '../view/entry-lines.ts';
import { formatDay, formatTime, isSameDay } from '../view/format.ts';
import type { Glyphs } from '../view/glyphs.ts';
import { highlighted } from '../view/highlight.ts';
import { type Line, type Span, type StyleName, span } from '../view/line.ts';
import type { UnsentLine } from '../view/place.ts';
import { wrapLine } from '../view/wrap.ts';
import { PictureCache } from './picture-cache.ts';

const NICKNAME_COLUMNS_MAX = 14;
const NICKNAME_COLUMNS_MIN = 5;
const TIME_COLUMNS = 5;
/** Rows of a line that was not sent: enough to know which one it is. */
const UNSENT_ROWS_MAX = 4;

/** How messages are laid out. */
export interface MessageLayout {
  readonly columns: number;
  /** Copy mode: what is marked with the mouse is text and nothing else. */
  readonly isBare: boolean;
  /** Who reads: stands out where somebody names them. */
  readonly nickname: string;
}

/** What stands left of a text: what it is, or who says it, and how the line looks that divides the two. */
interface Margin {
  readonly clock: Line;
  readonly label?: Span | undefined;
  readonly line?: { readonly style: StyleName; readonly isBold: boolean };
}

/**
 * The rows of entries. Time, and who said it or what it is, have columns of their own, left of the texts, which no text can
 * reach: so none can look like another entry. Rows are kept for the next picture.
 */
export class MessageRows {
  readonly #glyphs: Glyphs;
  readonly #kept = new PictureCache<Entry, readonly Line[]>();
  #layout: MessageLayout = { columns: 0, isBare: false, nickname: '' };

  constructor(glyphs: Glyphs) {
    this.#glyphs = glyphs;
  }

  /** Says how the next picture is laid out. */
  setLayout(layout: MessageLayout): void {
    this.#kept.turn();
    const { columns, isBare, nickname } = this.#layout;
    if (layout.columns === columns && layout.isBare === isBare && layout.nickname === nickname) return;
    this.#layout = layout;
    this.#kept.clear();
  }

  /** The rows of an entry, with a line for the day if it is the first of one, and for where the unread ones begin. */
  of(
    entry: Entry,
    previous: Entry | undefined,
    {
      isFirstUnread = false,
      isFound = false,
    }: { readonly isFirstUnread?: boolean; readonly isFound?: boolean } = {},
  ): readonly Line[] {
    const rows = isFound ? found(this.#own(entry)) : this.#own(entry);
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
    const lines = safeLines(text).map((line): Line => [span(line, 'dim')]);
    const margin: Margin = { clock, label: span(nickname, 'own-nickname') };
    const rows = this.#rows(margin, lines).slice(0, UNSENT_ROWS_MAX);
    if (isWaiting) return rows;
    const why: Line = [span(`not sent: ${problem}; /retry says it again`, 'bad')];
    return [...rows, ...this.#rows({ clock: [span(' '.repeat(TIME_COLUMNS))] }, [why])];
  }

  #own(entry: Entry): readonly Line[] {
    return this.#kept.get(entry, () => this.#make(entry));
  }

  #make({ time, content }: Entry): Line[] {
    const clock = [span(formatTime(time), 'time')];
    if (content.type === 'message') {
      const label = speaker(content);
      if (!content.isMention) return this.#rows({ clock, label }, said(content.text, content.isEdited));
      const pattern = mentionPattern(this.#layout.nickname);
      const lines = said(content.text, content.isEdited).map((line) => highlighted(line, pattern, 'mention'));
      return this.#rows({ clock, label, line: { style: 'mention', isBold: true } }, lines);
    }
    if (content.type === 'direct') {
      const line = { style: 'direct', isBold: false } as const;
      return this.#rows({ clock, label: speaker(content), line }, said(content.text, false));
    }
    const { mark, lines } = markedLines(content, this.#glyphs);
    // The digest is for those who ask for it: two hundred of them would be all that is to be seen.
    return this.#rows({ clock, label: mark }, content.type === 'transfer-over' ? lines.slice(0, 1) : lines);
  }

  #rows(margin: Margin, lines: readonly Line[]): Line[] {
    const [first, rest] = this.#margins(margin);
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

  /** What stands before the first row of an entry, and before the others. */
  #margins({ clock, label = span(''), line }: Margin): readonly [Line, Line] {
    const columns = this.#nicknameColumns;
    const whole = safeText(label.text);
    const shown = cutToWidth(whole, columns, this.#glyphs.ellipsis);
    const { vertical, verticalBold } = this.#glyphs;
    const sign = line?.isBold === true ? verticalBold : vertical;
    const divider = this.#layout.isBare ? span('   ') : span(` ${sign} `, line?.style ?? 'rule');
    const left = span(' '.repeat(1 + columns - textWidth(shown)));
    return [
      [...clock, left, { ...span(shown, label.style), nickname: whole }, divider],
      [span(' '.repeat(TIME_COLUMNS + 1 + columns)), divider],
    ];
  }

  #rule(words: string, style: 'rule' | 'bad'): Line {
    const { horizontal } = this.#glyphs;
    const { columns } = this.#layout;
    const left = Math.max(0, Math.floor((columns - words.length - 2) / 2));
    const right = Math.max(0, columns - left - words.length - 2);
    return [span(`${horizontal.repeat(left)} ${words} ${horizontal.repeat(right)}`, style)];
  }
}

function speaker({ from, isOwn }: Extract<EntryContent, { type: 'message' | 'direct' }>): Span {
  return span(from, isOwn ? 'own-nickname' : 'nickname');
}

function said(text: string, isEdited: boolean | undefined): Line[] {
  const lines = safeLines(text).map((line): Span[] => linkParts(line).map((part) => ({ ...part })));
  if (isEdited === true) lines.at(-1)?.push(span(' (edited)', 'dim'));
  return lines;
}

/** What somebody went to. */
function found(rows: readonly Line[]): Line[] {
  return rows.map((row) => row.map((one) => ({ ...one, style: 'choice' })));
}
