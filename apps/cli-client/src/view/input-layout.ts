import { graphemes } from '../text/graphemes.ts';
import { safeText } from '../text/safe-text.ts';
import { textWidth } from '../text/width.ts';

/** The rows that a line being typed takes, and where the cursor is in them. */
export interface InputLayout {
  readonly rows: readonly string[];
  readonly cursorRow: number;
  readonly cursorColumn: number;
}

/**
 * Wraps the typed text by graphemes behind its prompt; rows after the first are indented as far as the prompt
 * is wide. The last column stays free for the cursor. Of more than `rowsMax` rows, those around the cursor
 * are shown.
 */
export function layoutInput(options: {
  readonly prompt: string;
  readonly text: string;
  readonly cursor: number;
  readonly columns: number;
  readonly rowsMax: number;
}): InputLayout {
  const { text, cursor, rowsMax } = options;
  const columns = Math.max(4, options.columns - 1);
  const wanted = safeText(options.prompt);
  const prompt = textWidth(wanted) <= columns / 2 ? wanted : '> ';
  const indent = ' '.repeat(textWidth(prompt));
  const rows: string[] = [];
  let row = prompt;
  let column = indent.length;
  let cursorRow = 0;
  let cursorColumn = column;
  let index = 0;
  const wrap = () => {
    rows.push(row);
    row = indent;
    column = indent.length;
  };
  for (const grapheme of graphemes(text)) {
    if (index === cursor) [cursorRow, cursorColumn] = [rows.length, column];
    index += grapheme.length;
    if (grapheme === '\n') {
      wrap();
      continue;
    }
    const shown = safeText(grapheme);
    const width = textWidth(shown);
    if (column + width > columns) {
      wrap();
      // The cursor stands before this grapheme, so it moves with it.
      if (index - grapheme.length === cursor) [cursorRow, cursorColumn] = [rows.length, column];
    }
    row += shown;
    column += width;
  }
  if (index === cursor) [cursorRow, cursorColumn] = [rows.length, column];
  rows.push(row);
  const first = Math.max(0, Math.min(cursorRow - Math.floor(rowsMax / 2), rows.length - rowsMax));
  return { rows: rows.slice(first, first + rowsMax), cursorRow: cursorRow - first, cursorColumn };
}
