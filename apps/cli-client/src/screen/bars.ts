import { safeText } from '../text/safe-text.ts';
import { formatCountdown } from '../view/format.ts';
import type { Glyphs } from '../view/glyphs.ts';
import { type Line, lineWidth, type Span, span } from '../view/line.ts';
import type { PlaceView } from '../view/place.ts';
import type { Workspace } from '../workspace/workspace.ts';

/** An answer that takes longer than this is worth a word. */
const LAG_MS_SHOWN = 1_500;

/** The room in front of the user, and what it is about. */
export function headerLine(place: PlaceView | undefined, glyphs: Glyphs): Line {
  const room = place?.rooms.find((one) => one.room === place.room);
  if (place === undefined || room === undefined) return [span(' Parley', 'status')];
  const name = room.peer === undefined ? room.room : `@${room.peer}`;
  const topic = safeText(room.topic);
  return [span(` ${name}${topic === '' ? '' : ` ${glyphs.separator} ${topic}`}`, 'status')];
}

/** A part of the status line; of two that do not both fit, the one with the lower rank stays. */
interface StatusPart {
  readonly span: Span;
  readonly rank: number;
}

/** Who one is, where, how good the connection is, and what waits: as much of it as fits, what matters most. */
export function statusSpans(
  place: PlaceView | undefined,
  workspace: Workspace,
  { glyphs, now, columns }: { readonly glyphs: Glyphs; readonly now: number; readonly columns: number },
): Line {
  if (place === undefined) return [];
  const { nickname, address, users } = place;
  const part = (rank: number, text: string | undefined, style: Span['style'] = 'status'): StatusPart[] =>
    text === undefined ? [] : [{ span: span(text, style), rank }];
  let parts: readonly StatusPart[] = [
    ...part(5, nickname),
    ...part(7, address),
    { span: connectionSpan(place, { glyphs, now }), rank: 0 },
    ...waitingParts(place).map((one) => ({ span: one, rank: 1 })),
    ...part(6, users.length > 0 ? `${users.length} here` : undefined),
    ...part(4, elsewhereWords(place, workspace)),
    ...part(3, backWords(workspace)),
    ...part(2, workspace.isCopying ? 'copy mode: Esc' : undefined),
  ];
  const lineOf = (kept: readonly StatusPart[]) =>
    kept.flatMap((one, index) => [span(index === 0 ? ' ' : ` ${glyphs.separator} `, 'status'), one.span]);
  while (parts.length > 1 && lineWidth(lineOf(parts)) > columns) {
    const least = Math.max(...parts.map(({ rank }) => rank));
    parts = parts.filter(({ rank }) => rank !== least);
  }
  return lineOf(parts);
}

/** What was said and the server has not got. */
function waitingParts({ unsent }: PlaceView): Span[] {
  const waiting = unsent.filter(({ problem }) => problem === undefined).length;
  const failed = unsent.length - waiting;
  return [
    ...(waiting > 0 ? [span(`${waiting} not sent yet`, 'status')] : []),
    ...(failed > 0 ? [span(`${failed} not sent: /retry`, 'status-bad')] : []),
  ];
}

/** What is new in other rooms. */
function elsewhereWords({ rooms, room: current }: PlaceView, workspace: Workspace): string | undefined {
  const elsewhere = rooms.filter(({ room }) => room !== current);
  const sum = (of: 'unread' | 'mentions') =>
    elsewhere.reduce((total, { room }) => total + workspace.activityOf(room)[of], 0);
  const [unread, mentions] = [sum('unread'), sum('mentions')];
  if (unread === 0) return undefined;
  return `${unread} unread${mentions > 0 ? `, ${mentions} for you` : ''}`;
}

function backWords({ page }: Workspace): string | undefined {
  if (!page.log.isDetached && page.place === undefined) return undefined;
  return `looking back${page.unread > 0 ? `, ${page.unread} new` : ''}: Ctrl-End`;
}

function connectionSpan(
  { connection }: PlaceView,
  { glyphs, now }: { readonly glyphs: Glyphs; readonly now: number },
): Span {
  switch (connection.state) {
    case 'greeted':
      return span(`${glyphs.online} connected`, 'status');
    case 'connecting':
      return span(`${glyphs.offline} connecting`, 'status');
    case 'closed':
      return span(`${glyphs.offline} not connected`, 'status-bad');
    case 'reconnecting': {
      const seconds = Math.max(0, (connection.retryAt - now) / 1_000);
      const when = seconds > 0 ? `again in ${formatCountdown(seconds)}` : 'trying now';
      return span(`${glyphs.offline} cut off, ${when}`, 'status-bad');
    }
    case 'connected': {
      const { roundTripMs, waitingMs = 0 } = connection;
      if (waitingMs > LAG_MS_SHOWN)
        return span(`${glyphs.online} no answer for ${Math.floor(waitingMs / 1_000)} s`, 'status-bad');
      const time = roundTripMs === undefined ? '' : ` ${formatRoundTrip(roundTripMs)}`;
      return span(`${glyphs.online}${time === '' ? ' connected' : time}`, 'status');
    }
  }
}

function formatRoundTrip(milliseconds: number): string {
  return milliseconds < 10 ? `${milliseconds.toFixed(1)} ms` : `${Math.round(milliseconds)} ms`;
}
