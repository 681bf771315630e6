import type { Transfer } from '@parley/client-core';
import { type AreaView, transferRows, wrapHint } from '../view/area.ts';
import type { Entry } from '../view/entry.ts';
import type { Glyphs } from '../view/glyphs.ts';
import { type InputLayout, layoutInput } from '../view/input-layout.ts';
import { type Line, span } from '../view/line.ts';
import type { PlaceView } from '../view/place.ts';
import { transferLine } from '../view/transfer-line.ts';
import { rowsAt, type Viewport } from '../workspace/scroll.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { headerLine, statusSpans } from './bars.ts';
import { type CellCache, Grid } from './grid.ts';
import type { MessageRows } from './message-rows.ts';
import type { Palette } from './palette.ts';
import { firstShown, roomRows, userRows } from './side-panels.ts';

/** What a screen is drawn with. */
export interface ScreenLook {
  readonly glyphs: Glyphs;
  readonly palette: Palette;
  readonly messages: MessageRows;
  /** Belongs to the palette. */
  readonly cells: CellCache;
}

/** A screen, and what its layout says to those who scroll and fold. */
export interface ComposedScreen {
  readonly grid: Grid;
  readonly cursor: { readonly row: number; readonly column: number };
  readonly viewport: Viewport;
  readonly shown: { readonly rooms: boolean; readonly users: boolean; readonly transfers: boolean };
}

/** From this width on a panel is shown without being asked for. */
const COLUMNS_FOR_ROOMS = 70;
const COLUMNS_FOR_USERS = 100;
const COLUMNS_FOR_PLOTS = 110;
const INPUT_ROWS_MAX = 6;

/** Where a part of the screen is; ends are exclusive. */
interface Box {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** Lays the whole screen out. Nothing is too small for it: what is nearest to the input stays. */
export function composeScreen(
  workspace: Workspace,
  area: AreaView,
  size: { readonly columns: number; readonly rows: number; readonly now: number },
  look: ScreenLook,
): ComposedScreen {
  look.cells.turn();
  const grid = new Grid(Math.max(10, size.columns), Math.max(2, size.rows), look.cells);
  const { columns, rows } = grid;
  const place = area.place?.();
  const input = layoutInput({ ...area, columns, rowsMax: Math.min(INPUT_ROWS_MAX, Math.ceil(rows / 3)) });
  const bottom = bottomRows(
    workspace,
    area,
    place,
    { columns, rows: rows - input.rows.length, now: size.now },
    look,
  );
  const hasHeader = rows - input.rows.length - bottom.rows.length >= 3;
  const bodyEnd = rows - input.rows.length - bottom.rows.length;
  const box: Box = { top: hasHeader ? 1 : 0, bottom: bodyEnd, left: 0, right: columns };
  if (hasHeader) writeBar(grid, 0, headerLine(place, look.glyphs), look);
  const shown = { ...writePanels(grid, box, workspace, place, look), transfers: bottom.hasTransfers };
  for (const [index, line] of bottom.rows.entries()) {
    if (line === bottom.status) writeBar(grid, bodyEnd + index, line, look);
    else grid.write(bodyEnd + index, 0, columns, line, look.palette.look);
  }
  const cursor = writeInput(grid, input, look);
  return { grid, cursor, viewport: shown.viewport, shown };
}

function bottomRows(
  workspace: Workspace,
  area: AreaView,
  place: PlaceView | undefined,
  size: { readonly columns: number; readonly rows: number; readonly now: number },
  { glyphs }: ScreenLook,
): { readonly rows: readonly Line[]; readonly status: Line; readonly hasTransfers: boolean } {
  const status = place ? statusSpans(place, workspace, { glyphs, now: size.now }) : area.status();
  const hasTransfers = (workspace.panes.transfers ?? true) && !workspace.isCopying;
  const rowsMax = Math.max(1, Math.floor(size.rows / 4));
  const bars = hasTransfers
    ? transferRows(area.transfers, rowsMax, (one) => transferRow(one, area, size.columns, glyphs))
    : [];
  const above = [...bars, ...wrapHint(area.hint, size.columns), status];
  return { rows: above.slice(Math.max(0, above.length - size.rows + 1)), status, hasTransfers };
}

function transferRow(transfer: Transfer, { plot }: AreaView, columns: number, glyphs: Glyphs): Line {
  if (plot === undefined || columns < COLUMNS_FOR_PLOTS) return transferLine(transfer, columns, glyphs);
  const shown = plot(transfer.number, glyphs);
  return [...transferLine(transfer, columns - shown.length - 2, glyphs), span(`  ${shown}`, 'bar')];
}

function writePanels(
  grid: Grid,
  box: Box,
  workspace: Workspace,
  place: PlaceView | undefined,
  look: ScreenLook,
): { readonly rooms: boolean; readonly users: boolean; readonly viewport: Viewport } {
  const { columns } = grid;
  const { panes, isCopying } = workspace;
  const rows = box.bottom - box.top;
  const canShow = place !== undefined && !isCopying && columns >= 40;
  const rooms = canShow && place.rooms.length > 0 && (panes.rooms ?? columns >= COLUMNS_FOR_ROOMS);
  const users = canShow && (panes.users ?? columns >= COLUMNS_FOR_USERS);
  let { left, right } = box;
  if (rooms) {
    const width = Math.min(22, Math.max(12, Math.floor(columns / 6)));
    writeRows(
      grid,
      { ...box, right: width },
      roomRows(place, workspace, { columns: width, rows }, look.glyphs),
      look,
    );
    writeRule(grid, box, width, look);
    left = width + 1;
  }
  if (users) {
    const width = Math.min(20, Math.max(12, Math.floor(columns / 8)));
    const start = columns - width;
    writeRows(grid, { ...box, left: start }, userRows(place, { columns: width, rows }, look.glyphs), look);
    writeRule(grid, box, start - 1, look);
    right = start - 1;
  }
  const viewport = writeMessages(grid, { ...box, left, right }, workspace, place, look);
  return { rooms, users, viewport };
}

/** The messages, and over them the list to choose from when there is one. */
function writeMessages(
  grid: Grid,
  box: Box,
  workspace: Workspace,
  place: PlaceView | undefined,
  look: ScreenLook,
): Viewport {
  const { messages, palette } = look;
  const { page, room } = workspace;
  const height = Math.max(0, box.bottom - box.top);
  messages.setLayout({ columns: box.right - box.left, isBare: workspace.isCopying });
  const rowsOf = (entry: Entry, previous: Entry | undefined) =>
    messages.of(entry, previous, entry === page.firstUnread);
  const isAtEnd = page.place === undefined && !page.log.isDetached;
  const own = place?.nickname ?? '';
  const unsent = isAtEnd ? (place?.unsent ?? []).filter((line) => line.room === room) : [];
  const tail = unsent.flatMap((line) => messages.ofUnsent(line, own));
  const rows = [...rowsAt(page.log.entries, page.place, height, rowsOf), ...tail].slice(-Math.max(1, height));
  // Messages stand at the bottom, next to the line being typed.
  const top = box.bottom - rows.length;
  for (const [index, row] of rows.entries()) grid.write(top + index, box.left, box.right, row, palette.look);
  if (workspace.listing) writeListing(grid, box, workspace, look);
  return { height, rowsOf: (entry, previous) => rowsOf(entry, previous).length };
}

function writeListing(grid: Grid, box: Box, { listing }: Workspace, { glyphs, palette }: ScreenLook): void {
  if (!listing) return;
  const rows = Math.min(listing.choices.length, Math.max(1, box.bottom - box.top - 1));
  const first = firstShown(listing.chosen, listing.choices.length, rows);
  const top = Math.max(box.top, box.bottom - rows - 1);
  const position = `${listing.chosen + 1} of ${listing.choices.length}`;
  const heading = ` ${listing.heading} ${glyphs.separator} ${position} ${glyphs.separator} Esc closes`;
  grid.fill(top, box.left, box.right, palette.look(span('', 'status')));
  grid.write(top, box.left, box.right, [span(heading, 'status')], palette.look);
  for (const [index, { line }] of listing.choices.slice(first, first + rows).entries()) {
    const isChosen = first + index === listing.chosen;
    const row = top + 1 + index;
    const look = palette.look(isChosen ? span('', 'choice') : span(''));
    grid.fill(row, box.left, box.right, look);
    const shown = isChosen ? line.map(({ text }) => span(text, 'choice')) : line;
    grid.write(
      row,
      box.left,
      box.right,
      [span(isChosen ? '> ' : '  ', isChosen ? 'choice' : undefined), ...shown],
      palette.look,
    );
  }
}

function writeRows(grid: Grid, box: Box, rows: readonly Line[], { palette }: ScreenLook): void {
  for (const [index, row] of rows.entries())
    grid.write(box.top + index, box.left, box.right, row, palette.look);
}

function writeRule(grid: Grid, box: Box, column: number, { glyphs, palette }: ScreenLook): void {
  for (let row = box.top; row < box.bottom; row += 1) {
    grid.write(row, column, column + 1, [span(glyphs.vertical, 'rule')], palette.look);
  }
}

function writeBar(grid: Grid, row: number, line: Line, { palette }: ScreenLook): void {
  grid.fill(row, 0, grid.columns, palette.look(span('', 'status')));
  grid.write(row, 0, grid.columns, line, palette.look);
}

function writeInput(grid: Grid, input: InputLayout, { palette }: ScreenLook): ComposedScreen['cursor'] {
  const top = grid.rows - input.rows.length;
  for (const [index, row] of input.rows.entries()) {
    grid.write(top + index, 0, grid.columns, [span(row)], palette.look);
  }
  return { row: top + input.cursorRow, column: Math.min(grid.columns - 1, input.cursorColumn) };
}
