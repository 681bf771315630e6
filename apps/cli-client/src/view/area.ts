import type { Transfer } from '@parley/client-core';
import { textWidth } from '../text/width.ts';
import type { Glyphs } from './glyphs.ts';
import { layoutInput } from './input-layout.ts';
import { type Line, lineWidth, type Span, span } from './line.ts';
import type { PlaceView } from './place.ts';
import type { Theme } from './theme.ts';
import { bySlot, transferLine, transferStateWords } from './transfer-line.ts';
import { wrapLine } from './wrap.ts';

/** What stays at the bottom of the screen, as data. */
export interface AreaView {
  /** The downloads that are not over. */
  readonly transfers: readonly Transfer[];
  /** How fast a download was lately, as a small plot. */
  readonly plot?: (transferNumber: number, glyphs: Glyphs) => string;
  /** A passing remark, such as what Tab found. */
  readonly hint: Line;
  /** Where one is and who is there; empty for none. Asked for when it is drawn. */
  readonly status: () => Line;
  /** More about that, for a screen that has room for it. */
  readonly place?: () => PlaceView;
  readonly prompt: string;
  readonly text: string;
  readonly cursor: number;
}

/** The area as rows that fit the terminal: their text, their widths, and where the cursor goes. */
export interface ComposedArea {
  readonly rows: readonly { readonly painted: string; readonly width: number }[];
  readonly cursorRow: number;
  readonly cursorColumn: number;
}

/** Bars shown at one time; `/transfers` lists all. */
const TRANSFER_ROWS_MAX = 5;
/** Rows that the line being typed may take. */
const INPUT_ROWS_MAX = 6;
/** Rows for what Tab found. */
const HINT_ROWS_MAX = 3;

/** Lays the area out for a terminal of that size. At least half of the screen stays for the messages. */
export function composeArea(
  view: AreaView,
  size: { readonly columns: number; readonly rows: number },
  look: { readonly theme: Theme; readonly glyphs: Glyphs },
): ComposedArea {
  // No row reaches the last column: a terminal that is about to wrap there would make two rows of it.
  const columns = Math.max(10, size.columns - 1);
  const rowsMax = Math.max(1, Math.floor(size.rows / 2));
  const input = layoutInput({ ...view, columns: columns + 1, rowsMax: Math.min(INPUT_ROWS_MAX, rowsMax) });
  const above: Line[] = [];
  above.push(
    ...transferRows(view.transfers, TRANSFER_ROWS_MAX, (one) => transferLine(one, columns, look.glyphs)),
  );
  above.push(...wrapHint(view.hint, columns, look.glyphs.ellipsis));
  const status = view.status();
  if (status.length > 0) above.push(status);
  // When there is too little room, what is nearest to the input stays.
  const kept = above.slice(Math.max(0, above.length - (rowsMax - input.rows.length)));
  const rows = [
    ...kept.map((line) => ({
      painted: look.theme.paint(line, columns),
      width: Math.min(columns, lineWidth(line)),
    })),
    ...input.rows.map((row) => ({ painted: row, width: textWidth(row) })),
  ];
  return { rows, cursorRow: kept.length + input.cursorRow, cursorColumn: input.cursorColumn };
}

/** A row for each of those downloads that do something, and one that counts the others, in at most `rowsMax` rows. */
export function transferRows(
  transfers: readonly Transfer[],
  rowsMax: number,
  rowOf: (transfer: Transfer) => Line,
): Line[] {
  const ordered = [...transfers].sort(bySlot);
  const shown = ordered.slice(0, ordered.length > rowsMax ? Math.max(0, rowsMax - 1) : rowsMax);
  const hidden = ordered.slice(shown.length);
  const rows = shown.map(rowOf);
  if (hidden.length > 0 && rowsMax > 0) rows.push([span(hiddenWords(hidden), 'dim')]);
  return rows;
}

/** How many there are besides, and what they do. */
function hiddenWords(hidden: readonly Transfer[]): string {
  const counts = new Map<string, number>();
  for (const transfer of hidden) {
    const words = transferStateWords(transfer);
    counts.set(words, (counts.get(words) ?? 0) + 1);
  }
  const states = Array.from(counts, ([words, count]) => `${count} ${words}`);
  return `+ ${hidden.length} more transfers (${states.join(', ')}): /transfers`;
}

/** Puts the spans of a hint, which are words or a sentence, into as many rows as they need and may have. */
export function wrapHint(hint: Line, columns: number, ellipsis: string): Line[] {
  const [only] = hint;
  if (hint.length === 1 && only !== undefined) return wrapLine([only], columns, []).slice(0, HINT_ROWS_MAX);
  const rows: Span[][] = [];
  let width = 0;
  for (const word of hint) {
    const columnsOfWord = lineWidth([word]);
    width += 2 + columnsOfWord;
    if (rows.length > 0 && width <= columns) rows.at(-1)?.push(word);
    else {
      rows.push([word]);
      width = columnsOfWord;
    }
  }
  // What is chosen of them is in sight.
  const chosen = rows.findIndex((one) => one.some(({ style }) => style === 'choice'));
  const first = Math.max(0, Math.min(chosen - 1, rows.length - HINT_ROWS_MAX));
  const shown = rows.slice(first, first + HINT_ROWS_MAX);
  const last = shown.at(-1);
  if (last !== undefined && first + HINT_ROWS_MAX < rows.length) {
    while (last.length > 1 && lineWidth(spaced([...last, span(ellipsis)])) > columns) last.pop();
    last.push(span(ellipsis, 'dim'));
  }
  return shown.map(spaced);
}

/** Words with space between them. */
function spaced(words: Line): Line {
  return words.flatMap((word, index) => (index === 0 ? [word] : [span('  '), word]));
}
