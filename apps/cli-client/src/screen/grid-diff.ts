import { graphemeWidth } from '../text/width.ts';
import type { Grid, Look } from './grid.ts';

const ESC = '\u001b';
const CLEAR = `${ESC}[0m${ESC}[2J`;
const ERASE_TO_END = `${ESC}[K`;
const RESET = `${ESC}[0m`;
const LINK_END = `${ESC}]8;;${ESC}\\`;

/** What writing has come to so far: where the terminal's cursor is, and how it writes. */
interface Pen {
  output: string;
  row: number;
  /** Undefined when the terminal may count the last grapheme otherwise than we do. */
  column: number | undefined;
  sgr: string;
  link: string | undefined;
}

/** What a terminal that shows `before` (or anything, when that is undefined) has to be sent to show `after`. */
export function diffGrid(before: Grid | undefined, after: Grid): string {
  const isComparable = before?.columns === after.columns && before.rows === after.rows;
  const base = isComparable ? before : undefined;
  const pen: Pen = { output: '', row: -1, column: undefined, sgr: '', link: undefined };
  for (let row = 0; row < after.rows; row += 1) diffRow(base, after, row, pen);
  setLook({ sgr: '' }, pen);
  return base ? pen.output : CLEAR + pen.output;
}

/** Moves the cursor; rows and columns count from 0. */
export function moveTo(row: number, column: number): string {
  return `${ESC}[${row + 1};${column + 1}H`;
}

function diffRow(before: Grid | undefined, after: Grid, row: number, pen: Pen): void {
  let spoiltEnd = 0;
  for (let column = 0; column < after.columns; column += 1) {
    const isShown = before ? after.isSameCell(before, row, column) : isEmptyCell(after, row, column);
    if (isShown && column >= spoiltEnd) continue;
    if (after.isBlankFrom(row, column)) {
      setLook({ sgr: '' }, pen);
      go(row, column, pen);
      pen.output += ERASE_TO_END;
      return;
    }
    // The second half of a wide grapheme is drawn with its first half.
    let head = column;
    while (head > 0 && after.text(row, head) === '') head -= 1;
    column = drawCell(after, row, head, pen);
    spoiltEnd = Math.max(spoiltEnd, head + columnsSideBySide(after.text(row, head)));
  }
}

/** The columns of a grapheme on a terminal that shows its parts, such as a hand and its skin, one beside the other. */
function columnsSideBySide(grapheme: string): number {
  if (grapheme.length <= 2) return 0;
  let columns = 0;
  for (const part of grapheme) columns += graphemeWidth(part);
  return columns;
}

function isEmptyCell(grid: Grid, row: number, column: number): boolean {
  const { sgr, link } = grid.look(row, column);
  return grid.text(row, column) === ' ' && sgr === '' && link === undefined;
}

/** Draws the grapheme at a cell; gives the last column that it takes. */
function drawCell(grid: Grid, row: number, column: number, pen: Pen): number {
  const text = grid.text(row, column);
  let last = column;
  while (last + 1 < grid.columns && grid.text(row, last + 1) === '') last += 1;
  setLook(grid.look(row, column), pen);
  go(row, column, pen);
  // A terminal that takes it for narrower than we do is not to leave an old half beside it.
  if (last > column) pen.output += `${ESC}[${last - column + 1}X`;
  pen.output += text;
  // Terminals agree on the width of ASCII and on nothing else; in the last column the cursor may wait to wrap.
  const isCertain = text.length === 1 && text <= '~' && last + 1 < grid.columns;
  pen.column = isCertain ? last + 1 : undefined;
  return last;
}

function go(row: number, column: number, pen: Pen): void {
  if (pen.row === row && pen.column === column) return;
  pen.output += moveTo(row, column);
  pen.row = row;
  pen.column = column;
}

function setLook({ sgr, link }: Look, pen: Pen): void {
  if (link !== pen.link) {
    pen.output += link === undefined ? LINK_END : `${ESC}]8;;${link}${ESC}\\`;
    pen.link = link;
  }
  if (sgr === pen.sgr) return;
  pen.output += sgr === '' ? RESET : `${ESC}[0;${sgr}m`;
  pen.sgr = sgr;
}
