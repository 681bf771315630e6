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
import type { Box } from './box.ts';
import { type CellCache, Grid } from './grid.ts';
import { writeListing } from './listing-panel.ts';
import type { MessageRows } from './message-rows.ts';
import type { Palette } from './palette.ts';
import { roomRows, userRows } from './side-panels.ts';
import { welcomeRows } from './welcome.ts';

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
/** Where the words of welcome stand, and how wide they are. */
const WELCOME_COLUMNS_LEFT = 4;
const WELCOME_COLUMNS = 76;

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
  if (workspace.listing) writeListing(grid, { ...box, top: 0 }, workspace.listing, look);
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
  const status = place
    ? statusSpans(place, workspace, { glyphs, now: size.now, columns: size.columns })
    : area.status();
  const isListed = workspace.listing?.kind === 'transfers';
  const hasTransfers = (workspace.panes.transfers ?? true) && !workspace.isCopying && !isListed;
  const rowsMax = Math.max(1, Math.floor(size.rows / 4));
  const bars = hasTransfers
    ? transferRows(area.transfers, rowsMax, (one) => transferRow(one, area, size.columns, glyphs))
    : [];
  const above = [...bars, ...wrapHint(area.hint, size.columns, glyphs.ellipsis), status];
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
  const users = canShow && place.room !== undefined && (panes.users ?? columns >= COLUMNS_FOR_USERS);
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
  const own = place?.nickname ?? '';
  messages.setLayout({ columns: box.right - box.left, isBare: workspace.isCopying, nickname: own });
  const rowsOf = (entry: Entry, previous: Entry | undefined) =>
    messages.of(entry, previous, {
      isFirstUnread: entry === page.firstUnread,
      isFound: page.found !== undefined && entry.sequence === page.found,
    });
  const isAtEnd = page.place === undefined && !page.log.isDetached;
  const unsent = isAtEnd ? (place?.unsent ?? []).filter((line) => line.room === room) : [];
  const tail = unsent.flatMap((line) => messages.ofUnsent(line, own));
  const rows = [...rowsAt(page.log.entries, page.place, height, rowsOf), ...tail].slice(-Math.max(1, height));
  // Messages stand at the bottom, next to the line being typed.
  const top = box.bottom - rows.length;
  for (const [index, row] of rows.entries()) grid.write(top + index, box.left, box.right, row, palette.look);
  if (place?.nickname === undefined) writeWelcome(grid, { ...box, bottom: top }, place, look);
  return { height, rowsOf: (entry, previous) => rowsOf(entry, previous).length };
}

/** As long as nobody has come in, above what was said to them. */
function writeWelcome(grid: Grid, box: Box, place: PlaceView | undefined, look: ScreenLook): void {
  const rows = welcomeRows(place, look.glyphs);
  const space = box.bottom - box.top - rows.length;
  if (space < 0) return;
  const top = box.top + Math.floor(space / 3);
  const left = Math.max(box.left, Math.min(WELCOME_COLUMNS_LEFT, box.right - WELCOME_COLUMNS));
  for (const [index, row] of rows.entries()) grid.write(top + index, left, box.right, row, look.palette.look);
}

function writeRows(grid: Grid, box: Box, rows: readonly Line[], { palette }: ScreenLook): void {
  for (const [index, row] of rows.entries())
    grid.write(box.top + index, box.left, box.right, row, palette.look);
}

function writeRule(grid: Grid, box: Box, column: number, { glyphs, palette }: ScreenLook): void {
  const rule = [span(glyphs.vertical, 'rule')];
  for (let row = box.top; row < box.bottom; row += 1) grid.write(row, column, column + 1, rule, palette.look);
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
