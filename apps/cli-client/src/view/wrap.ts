import { graphemes } from '../text/graphemes.ts';
import { safeText } from '../text/safe-text.ts';
import { graphemeWidth } from '../text/width.ts';
import { type Line, lineWidth, type Span } from './line.ts';

/** Clusters of letters in real scripts are narrower; Unicode's rules also make one of a thousand Hangul letters. */
const GRAPHEME_COLUMNS_MAX = 6;

interface Cell {
  readonly grapheme: string;
  readonly width: number;
  readonly source: Span;
}

/**
 * Breaks a line into rows of at most `columns`, between words where there are any. Rows after the first begin
 * with `indent`: were the terminal to wrap, a message could paint a false entry at the beginning of a row.
 */
export function wrapLine(line: Line, columns: number, indent: Line): Line[] {
  if (lineWidth(line) <= columns) return [line];
  let cells = cellsOf(line);
  const rows: Line[] = [];
  while (cells.length > 0) {
    const start = rows.length === 0 ? [] : indent;
    const count = cellsThatFit(cells, columns - lineWidth(start));
    rows.push([...start, ...spansOf(cells.slice(0, count))]);
    cells = cells.slice(count);
    // The space at which a row was broken is the break.
    if (cells[0]?.grapheme === ' ') cells.shift();
  }
  return rows;
}

function cellsOf(line: Line): Cell[] {
  return line.flatMap((source) => {
    const parts = graphemes(safeText(source.text)).flatMap((grapheme) =>
      graphemeWidth(grapheme) > GRAPHEME_COLUMNS_MAX ? Array.from(grapheme) : [grapheme],
    );
    return parts.map((grapheme) => ({ grapheme, width: graphemeWidth(grapheme), source }));
  });
}

/** How many cells go into a row: up to its last space, or as many as there is room for. At least one. */
function cellsThatFit(cells: readonly Cell[], columns: number): number {
  let width = 0;
  let lastSpace = 0;
  for (const [index, cell] of cells.entries()) {
    if (cell.grapheme === ' ' && index > 0) lastSpace = index;
    width += cell.width;
    if (width > columns) return lastSpace > 0 ? lastSpace : Math.max(1, index);
  }
  return cells.length;
}

function spansOf(cells: readonly Cell[]): Line {
  const spans: Span[] = [];
  let source: Span | undefined;
  for (const cell of cells) {
    const last = spans.at(-1);
    if (last && cell.source === source)
      spans[spans.length - 1] = { ...last, text: last.text + cell.grapheme };
    else spans.push({ ...cell.source, text: cell.grapheme });
    source = cell.source;
  }
  return spans;
}
