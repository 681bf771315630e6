import { graphemes } from '../text/graphemes.ts';
import { safeText } from '../text/safe-text.ts';
import { graphemeWidth } from '../text/width.ts';
import type { Line, Span } from '../view/line.ts';
import { PictureCache } from './picture-cache.ts';

/** How a cell looks, ready for the terminal: parameters of Select Graphic Rendition, and where it leads. */
export interface Look {
  readonly sgr: string;
  /** A link (OSC 8); printable ASCII only. */
  readonly link?: string;
}

/** Turns what a piece of text is into how it looks. */
export type LookOf = (span: Span) => Look;

const PLAIN: Look = { sgr: '' };

/**
 * A screen in memory: one grapheme a cell, row by row. A grapheme of two columns has an empty cell behind it. Every
 * character comes in through `write`, which sanitises it: whatever is drawn from a grid is harmless.
 */
export class Grid {
  readonly columns: number;
  readonly rows: number;
  readonly #texts: string[];
  readonly #looks: Look[];

  readonly #cells: CellCache;

  /** `cells` are those of earlier pictures; whoever shares them uses the same looks. */
  constructor(columns: number, rows: number, cells: CellCache = new PictureCache()) {
    this.#cells = cells;
    this.columns = columns;
    this.rows = rows;
    this.#texts = new Array<string>(columns * rows).fill(' ');
    this.#looks = new Array<Look>(columns * rows).fill(PLAIN);
  }

  /** The grapheme of a cell; empty where the one before reaches into it. */
  text(row: number, column: number): string {
    return this.#texts[row * this.columns + column] ?? ' ';
  }

  look(row: number, column: number): Look {
    return this.#looks[row * this.columns + column] ?? PLAIN;
  }

  /** Whether a cell shows the same as that of another grid of the same size. */
  isSameCell(other: Grid, row: number, column: number): boolean {
    const index = row * this.columns + column;
    if (this.#texts[index] !== other.#texts[index]) return false;
    const [mine, theirs] = [this.#looks[index], other.#looks[index]];
    return mine === theirs || (mine?.sgr === theirs?.sgr && mine?.link === theirs?.link);
  }

  /** From this column on the row is empty. */
  isBlankFrom(row: number, column: number): boolean {
    for (let index = row * this.columns + column; index < (row + 1) * this.columns; index += 1) {
      if (this.#texts[index] !== ' ' || this.#looks[index]?.sgr !== '') return false;
    }
    return true;
  }

  /**
   * Writes a line from `column` up to `end` (exclusive); what does not fit is cut. Gives the column behind what was
   * written. Outside of the grid nothing happens.
   */
  write(row: number, column: number, end: number, line: Line, lookOf: LookOf): number {
    if (row < 0 || row >= this.rows) return column;
    const last = Math.min(end, this.columns);
    const { texts, looks } = this.#cells.get(line, () => cellsOf(line, lookOf));
    let at = column;
    for (let index = 0; index < texts.length; ) {
      let width = 1;
      while (texts[index + width] === '') width += 1;
      if (at + width > last) return at;
      const place = row * this.columns + at;
      for (let part = 0; part < width; part += 1) {
        this.#texts[place + part] = texts[index + part] ?? ' ';
        this.#looks[place + part] = looks[index + part] ?? PLAIN;
      }
      index += width;
      at += width;
    }
    return at;
  }

  /** Gives the cells from `column` up to `end` a look, and empties them. */
  fill(row: number, column: number, end: number, look: Look): void {
    if (row < 0 || row >= this.rows) return;
    const start = row * this.columns + column;
    const stop = row * this.columns + Math.min(end, this.columns);
    this.#texts.fill(' ', start, stop);
    this.#looks.fill(look, start, stop);
  }

  /** The rows as text, for tests and for what is shown without a terminal. */
  get lines(): string[] {
    return Array.from({ length: this.rows }, (_, row) =>
      this.#texts
        .slice(row * this.columns, (row + 1) * this.columns)
        .join('')
        .trimEnd(),
    );
  }
}

/** A line as cells. */
interface Cells {
  readonly texts: string[];
  readonly looks: Look[];
}

/** The cells of lines, for the pictures of one screen. */
export type CellCache = PictureCache<Line, Cells>;

function cellsOf(line: Line, lookOf: LookOf): Cells {
  const cells: Cells = { texts: [], looks: [] };
  for (const span of line) {
    const look = lookOf(span);
    for (const grapheme of graphemes(safeText(span.text))) {
      const width = graphemeWidth(grapheme);
      for (let part = 0; part < width; part += 1) {
        cells.texts.push(part === 0 ? grapheme : '');
        cells.looks.push(look);
      }
    }
  }
  return cells;
}
