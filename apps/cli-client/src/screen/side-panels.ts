import { safeText } from '../text/safe-text.ts';
import { cutToWidth, padToWidth, textWidth } from '../text/width.ts';
import type { Glyphs } from '../view/glyphs.ts';
import { type Line, span } from '../view/line.ts';
import { type PlaceView, ROLE_SIGNS } from '../view/place.ts';
import type { Workspace } from '../workspace/workspace.ts';

/** The rooms with their numbers and what waits in them; more than there are rows for are counted. */
export function roomRows(
  { rooms, room: current }: PlaceView,
  workspace: Workspace,
  size: { readonly columns: number; readonly rows: number },
  glyphs: Glyphs,
): Line[] {
  const lines = rooms.map(({ room, peer }, index) => {
    const { unread, mentions } = workspace.activityOf(room);
    const counts = `${unread > 0 ? ` ${shortCount(unread)}` : ''}${mentions > 0 ? ` @${shortCount(mentions)}` : ''}`;
    const number = index < 9 ? `${index + 1} ` : '  ';
    const columns = size.columns - number.length - textWidth(counts);
    const name = fitted(peer === undefined ? room : `@${peer}`, columns, glyphs);
    const isHere = room === current;
    if (isHere) return [span(`${number}${name}${counts}`, 'choice')];
    const nameSpan = span(name, unread > 0 ? 'unread' : undefined);
    return [span(number, 'dim'), nameSpan, span(counts, mentions > 0 ? 'mention' : 'dim')];
  });
  const first = firstShown(
    rooms.findIndex(({ room }) => room === current),
    lines.length,
    size.rows,
  );
  return lines.slice(first, first + size.rows);
}

/** Who is here, how many; those in charge first, with a sign, and in alphabetical order. */
export function userRows(
  { users, roles }: PlaceView,
  size: { readonly columns: number; readonly rows: number },
  glyphs: Glyphs,
): Line[] {
  const heading: Line = [span(`${users.length} here`, 'dim')];
  const isTooMany = users.length > size.rows - 1;
  const shown = users.slice(0, Math.max(0, size.rows - (isTooMany ? 2 : 1)));
  const rows = shown.map((nickname): Line => {
    const role = roles.get(nickname.toLowerCase());
    const sign = role === undefined ? '' : ROLE_SIGNS[role];
    const text = fitted(nickname, size.columns - sign.length, glyphs).trimEnd();
    const name = { ...span(text, 'nickname'), nickname: safeText(nickname) };
    return sign === '' ? [name] : [span(sign, 'strong'), name];
  });
  const rest: Line[] = isTooMany ? [[span(`+ ${users.length - shown.length} more`, 'dim')]] : [];
  return [heading, ...rows, ...rest].slice(0, size.rows);
}

function fitted(text: string, columns: number, glyphs: Glyphs): string {
  return padToWidth(cutToWidth(safeText(text), columns, glyphs.ellipsis), columns);
}

function shortCount(count: number): string {
  return count > 999 ? '999+' : String(count);
}

/** The first of a list's rows to show, so that the one that matters is in sight. */
export function firstShown(index: number, count: number, rows: number): number {
  return Math.max(0, Math.min(index - Math.floor(rows / 2), count - rows));
}
