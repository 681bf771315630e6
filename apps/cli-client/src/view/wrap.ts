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
  const cells = cellsOf(line);
  const rows: Line[] = [];
  for (let from = 0; from < cells.length; ) {
    const start = rows.length === 0 ? [] : indent;
    const to = from + cellsThatFit(cells, from, columns - lineWidth(start));
    rows.push([...start, ...spansOf(cells, from, to)]);
    // The space at which a row was broken is the break.
    from = cells[to]?.grapheme === ' ' ? to + 1 : to;
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

/** How many cells from `from` on go into a row: up to its last space, or as many as there is room for. At least one. */
function cellsThatFit(cells: readonly Cell[], from: number, columns: number): number {
  let width = 0;
  let lastSpace = 0;
  for (let index = from; index < cells.length; index += 1) {
    const cell = cells[index];
    if (cell?.grapheme === ' ' && index > from) lastSpace = index - from;
    width += cell?.width ?? 0;
    if (width > columns) return lastSpace > 0 ? lastSpace : Math.max(1, index - from);
  }
  return cells.length - from;
}

function spansOf(cells: readonly Cell[], from: number, to: number): Line {
  const spans: Span[] = [];
  for (let index = from; index < to; ) {
    const source = cells[index]?.source;
    let text = '';
    for (; index < to && cells[index]?.source === source; index += 1) text += cells[index]?.grapheme ?? '';
    spans.push({ ...source, text });
  }
  return spans;
}
