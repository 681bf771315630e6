import { type AreaView, type ComposedArea, composeArea } from './area.ts';
import type { Entry } from './entry.ts';
import { entryLines } from './entry-lines.ts';
import type { Glyphs } from './glyphs.ts';
import { span } from './line.ts';
import type { Renderer } from './renderer.ts';
import type { Theme } from './theme.ts';
import { wrapLine } from './wrap.ts';

/** Where a screen is drawn. */
export interface ScreenOutput {
  readonly columns: number;
  readonly rows: number;
  write(text: string): void;
}

/** What a terminal does with the rows on it when it becomes narrower. */
export type Reflow =
  /** It wraps them all: tmux, VTE, kitty, Windows Terminal and most others. */
  | 'all'
  /** It leaves the row with the cursor to the program: xterm.js. */
  | 'all-but-cursor-row'
  /** It cuts them: xterm, the Linux console. */
  | 'none';

/** Calls `draw` soon: at once when nothing was drawn lately, otherwise when the eye can see it. */
export type DrawScheduler = (draw: () => void, urgency?: DrawUrgency) => void;

/** How soon: as soon as may be, or when it suits. */
export type DrawUrgency = 'prompt' | 'relaxed';

const ESC = '\u001b';
const ERASE_BELOW = `${ESC}[J`;
const WRAP_ON = `${ESC}[?7h`;
const WRAP_OFF = `${ESC}[?7l`;
export const CURSOR_HIDE = `${ESC}[?25l`;
export const CURSOR_SHOW = `${ESC}[?25h`;
/** Synchronised output: terminals that know it show the whole drawing at once, others ignore it. */
export const SYNC_BEGIN = `${ESC}[?2026h`;
export const SYNC_END = `${ESC}[?2026l`;

/** Everything that could be left switched on, switched off: safe to write at any end. */
export const SCREEN_RESET = `${SYNC_END}${WRAP_ON}${CURSOR_SHOW}${ESC}[0m`;

/**
 * Messages scroll into the terminal's own history; below them stays an area with progress bars, status and the
 * line being typed. To add a message, the area is erased, the message written as an ordinary line, and the
 * area drawn again under it, in one write. Nothing is ever drawn in two steps, so no key can come between.
 */
export class ScreenRenderer implements Renderer {
  readonly #output: ScreenOutput;
  readonly #look: { readonly theme: Theme; readonly glyphs: Glyphs };
  readonly #reflow: Reflow;
  readonly #schedule: DrawScheduler;
  #entries: Entry[] = [];
  #area: AreaView | undefined;
  /** What stands on the screen now. */
  #drawn: ComposedArea | undefined;
  #isSuspended = false;
  #isScheduled = false;

  constructor(options: {
    readonly output: ScreenOutput;
    readonly theme: Theme;
    readonly glyphs: Glyphs;
    readonly reflow: Reflow;
    readonly schedule: DrawScheduler;
  }) {
    this.#output = options.output;
    this.#reflow = options.reflow;
    this.#look = options;
    this.#schedule = options.schedule;
  }

  append(entry: Entry): void {
    this.#entries.push(entry);
    this.redraw();
  }

  update(area: AreaView): void {
    this.#area = area;
    this.redraw();
  }

  resize(): void {
    this.redraw();
  }

  redraw(): void {
    if (this.#isScheduled || this.#isSuspended) return;
    this.#isScheduled = true;
    this.#schedule(() => {
      this.#isScheduled = false;
      if (!this.#isSuspended) this.#draw();
    });
  }

  suspend(): void {
    if (this.#isSuspended) return;
    this.#output.write(`${this.#erase()}${this.#takeEntries()}${SCREEN_RESET}`);
    this.#drawn = undefined;
    this.#isSuspended = true;
  }

  resume(): void {
    this.#isSuspended = false;
    this.redraw();
  }

  #draw(): void {
    const erase = this.#erase();
    const entries = this.#takeEntries();
    const area = this.#area && composeArea(this.#area, this.#output, this.#look);
    this.#drawn = area;
    const drawing = area ? drawArea(area) : '';
    this.#output.write(`${SYNC_BEGIN}${CURSOR_HIDE}${erase}${entries}${drawing}${CURSOR_SHOW}${SYNC_END}`);
  }

  #takeEntries(): string {
    const { glyphs } = this.#look;
    const columns = Math.max(10, this.#output.columns - 1);
    const indent = [span(columns < 24 ? `${glyphs.continuation} ` : `      ${glyphs.continuation} `, 'dim')];
    const lines = this.#entries.flatMap((entry) => entryLines(entry, glyphs));
    this.#entries = [];
    const rows = lines.flatMap((line) => wrapLine(line, columns, indent));
    return rows.map((line) => `${this.#look.theme.paint(line)}\r\n`).join('');
  }

  /** Goes to the first row of the drawn area and erases from there. */
  #erase(): string {
    const drawn = this.#drawn;
    return `\r${drawn ? moveUp(this.#rowsAboveCursor(drawn)) : ''}${ERASE_BELOW}`;
  }

  /** Terminals wrap what they show before they tell that they are narrower: rows may have become several. */
  #rowsAboveCursor({ rows, cursorRow, cursorColumn }: ComposedArea): number {
    if (this.#reflow === 'none') return cursorRow;
    const { columns } = this.#output;
    let count = this.#reflow === 'all' ? Math.floor(cursorColumn / columns) : 0;
    for (const { width } of rows.slice(0, cursorRow)) count += Math.max(1, Math.ceil(width / columns));
    return count;
  }
}

function drawArea(area: ComposedArea): string {
  const rows = area.rows.map(({ painted }) => painted).join('\r\n');
  const up = moveUp(area.rows.length - 1 - area.cursorRow);
  // Should terminal and program disagree about a width, the row is cut instead of becoming two.
  return `${WRAP_OFF}${rows}${WRAP_ON}${up}\r${area.cursorColumn > 0 ? `${ESC}[${area.cursorColumn}C` : ''}`;
}

function moveUp(rows: number): string {
  return rows > 0 ? `${ESC}[${rows}A` : '';
}
