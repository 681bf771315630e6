import type { Glyphs } from '../view/glyphs.ts';
import { type Line, lineText, lineWidth, span } from '../view/line.ts';
import { wrapLine } from '../view/wrap.ts';
import type { Listing } from '../workspace/listing.ts';
import type { Box } from './box.ts';
import type { Grid } from './grid.ts';
import type { Palette } from './palette.ts';
import { firstShown } from './side-panels.ts';

const MARK_COLUMNS = 2;
/** Rows that the chosen one may take. */
const CHOSEN_ROWS_MAX = 3;
/** From this height on there is room for a row that tells the keys. */
const ROWS_FOR_KEYS = 6;

/** Draws a list over whatever is there: what it is, its rows with the chosen one in sight, and its keys. */
export function writeListing(
  grid: Grid,
  box: Box,
  listing: Listing,
  { glyphs, palette }: { readonly glyphs: Glyphs; readonly palette: Palette },
): void {
  const { look } = palette;
  const height = box.bottom - box.top;
  const hasKeys = height >= ROWS_FOR_KEYS;
  const rows = Math.max(1, height - (hasKeys ? 2 : 1));
  const put = (row: number, line: Line, style?: 'status' | 'choice') => {
    grid.fill(row, box.left, box.right, look(span('', style)));
    grid.write(row, box.left, box.right, line, look);
  };
  put(box.top, titleOf(listing, box.right - box.left, glyphs), 'status');
  const chosen = listing.shown[listing.chosen];
  const columns = box.right - box.left - MARK_COLUMNS;
  // The chosen one is shown whole, as far as that makes sense.
  const whole = wrapLine(chosen?.line ?? [], columns, [span(' '.repeat(4))]).slice(
    0,
    Math.min(CHOSEN_ROWS_MAX, rows),
  );
  const others = rows - Math.max(1, whole.length) + 1;
  const first = firstShown(listing.chosen, listing.shown.length, others);
  let row = box.top + 1;
  for (let index = first; index < first + others; index += 1) {
    const line = listing.shown[index]?.line ?? [];
    if (index !== listing.chosen || chosen?.enter === undefined) {
      put(row, [span('  '), ...cutLine(line, columns, glyphs)]);
      row += 1;
      continue;
    }
    for (const [part, text] of whole.map(lineText).entries()) {
      put(row, [span(`${part === 0 ? '>' : ' '} ${text}`, 'choice')], 'choice');
      row += 1;
    }
  }
  if (hasKeys) {
    const [filters, closes] =
      listing.filter === '' ? ['letters filter', 'Esc closes'] : ['', 'Esc shows all'];
    const words = ['arrows choose', listing.keys, filters, closes].filter((one) => one !== '');
    put(box.bottom - 1, [span(`  ${words.join(` ${glyphs.separator} `)}`, 'dim')]);
  }
}

function titleOf({ heading, filter, shown, chosen }: Listing, columns: number, glyphs: Glyphs): Line {
  const choosable = shown.filter(({ enter }) => enter !== undefined);
  const chosenChoice = shown[chosen];
  const place = chosenChoice === undefined ? 0 : choosable.indexOf(chosenChoice) + 1;
  const left: Line = [
    span(` ${heading}`, 'status'),
    ...(filter === '' ? [] : [span(` ${glyphs.separator} with `, 'status'), span(filter, 'status-strong')]),
  ];
  const right = `${place} of ${choosable.length} `;
  const gap = columns - lineWidth(left) - right.length;
  return [...left, span(`${' '.repeat(Math.max(1, gap))}${right}`, 'status')];
}

/** The beginning of a line that is too long, with a sign that there is more. */
function cutLine(line: Line, columns: number, glyphs: Glyphs): Line {
  if (lineWidth(line) <= columns) return line;
  const [start = []] = wrapLine(line, columns - glyphs.ellipsis.length - 1, []);
  return [...start, span(` ${glyphs.ellipsis}`, 'dim')];
}
