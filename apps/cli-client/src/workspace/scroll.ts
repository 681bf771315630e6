import type { Entry } from '../view/entry.ts';

/**
 * Where somebody reads: the last row to be seen is that of `entry` above its last `hidden` ones. It does not move when
 * entries come in at either end.
 */
export interface ReadingPlace {
  readonly entry: Entry;
  readonly hidden: number;
}

/** What is needed to count rows. */
export interface Viewport {
  /** Rows that can be seen. */
  readonly height: number;
  /** Rows that an entry takes behind the one before it. */
  readonly rowsOf: (entry: Entry, previous: Entry | undefined) => number;
}

/** Where scrolling has come to. */
export interface ScrollResult {
  /** Undefined: at the newest entry, and following it. */
  readonly place: ReadingPlace | undefined;
  /** There was nothing more in that direction. */
  readonly isAtEdge: boolean;
}

/** Moves the place by a number of rows: up if positive, down if negative. */
export function scrollBy(
  entries: readonly Entry[],
  place: ReadingPlace | undefined,
  rows: number,
  viewport: Viewport,
): ScrollResult {
  const start = place ? entries.lastIndexOf(place.entry) : entries.length - 1;
  if (start < 0) return { place: undefined, isAtEdge: true };
  const from = { index: start, hidden: place?.hidden ?? 0 };
  return rows >= 0 ? scrollUp(entries, from, rows, viewport) : scrollDown(entries, from, -rows, viewport);
}

interface Cursor {
  readonly index: number;
  readonly hidden: number;
}

function scrollUp(
  entries: readonly Entry[],
  from: Cursor,
  rows: number,
  { height, rowsOf }: Viewport,
): ScrollResult {
  // The first row is not to go below the upper edge: so many rows have to stay above the place.
  let above = -height;
  let { index, hidden } = from;
  let left = rows;
  const size = (at: number) => {
    const entry = entries[at];
    return entry ? rowsOf(entry, entries[at - 1]) : 0;
  };
  for (let at = index; at >= 0 && above < rows; at -= 1) above += size(at) - (at === index ? hidden : 0);
  const isAtEdge = above < rows;
  left = Math.min(rows, Math.max(0, above));
  while (left > 0) {
    const seen = size(index) - hidden;
    if (left < seen) {
      hidden += left;
      break;
    }
    left -= seen;
    index -= 1;
    hidden = 0;
  }
  const entry = entries[index];
  const isAtEnd = index === entries.length - 1 && hidden === 0;
  return { place: entry && !isAtEnd ? { entry, hidden } : undefined, isAtEdge };
}

function scrollDown(
  entries: readonly Entry[],
  from: Cursor,
  rows: number,
  { rowsOf }: Viewport,
): ScrollResult {
  let { index, hidden } = from;
  let left = rows;
  while (left > 0) {
    if (hidden === 0) {
      const next = entries[index + 1];
      if (next === undefined) return { place: undefined, isAtEdge: true };
      hidden = rowsOf(next, entries[index]);
      index += 1;
    }
    const step = Math.min(left, hidden);
    hidden -= step;
    left -= step;
  }
  const entry = entries[index];
  if (entry === undefined || (index === entries.length - 1 && hidden === 0)) {
    return { place: undefined, isAtEdge: true };
  }
  return { place: { entry, hidden }, isAtEdge: false };
}

/** The rows to be seen from a place upwards, at most `height` of them, oldest first. */
export function rowsAt<Row>(
  entries: readonly Entry[],
  place: ReadingPlace | undefined,
  height: number,
  rowsOf: (entry: Entry, previous: Entry | undefined) => readonly Row[],
): Row[] {
  const found = place ? entries.lastIndexOf(place.entry) : -1;
  const start = found < 0 ? entries.length - 1 : found;
  let hidden = found < 0 ? 0 : (place?.hidden ?? 0);
  let rows: Row[] = [];
  for (let index = start; index >= 0 && rows.length < height; index -= 1) {
    const entry = entries[index];
    if (entry === undefined) break;
    const own = rowsOf(entry, entries[index - 1]);
    rows = [...own.slice(0, own.length - hidden), ...rows];
    hidden = 0;
  }
  return rows.slice(Math.max(0, rows.length - height));
}
