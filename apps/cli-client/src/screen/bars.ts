import { safeText } from '../text/safe-text.ts';
import { formatCountdown } from '../view/format.ts';
import type { Glyphs } from '../view/glyphs.ts';
import { type Line, type Span, span } from '../view/line.ts';
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

/** Who one is, where, how good the connection is, and what waits. */
export function statusSpans(
  place: PlaceView | undefined,
  workspace: Workspace,
  { glyphs, now }: { readonly glyphs: Glyphs; readonly now: number },
): Line {
  if (place === undefined) return [];
  const { nickname, address, unsent, rooms, users } = place;
  const parts: Span[] = [
    ...(nickname === undefined ? [] : [span(nickname, 'status')]),
    span(address, 'status'),
    connectionSpan(place, { glyphs, now }),
  ];
  const waiting = unsent.filter(({ problem }) => problem === undefined).length;
  const failed = unsent.length - waiting;
  if (waiting > 0) parts.push(span(`${waiting} not sent yet`, 'status'));
  if (failed > 0) parts.push(span(`${failed} not sent: /retry`, 'status-bad'));
  if (users.length > 0) parts.push(span(`${users.length} here`, 'status'));
  const elsewhere = rooms.filter(({ room }) => room !== place.room);
  const sum = (of: 'unread' | 'mentions') =>
    elsewhere.reduce((total, { room }) => total + workspace.activityOf(room)[of], 0);
  const [unread, mentions] = [sum('unread'), sum('mentions')];
  if (unread > 0)
    parts.push(span(`${unread} unread${mentions > 0 ? `, ${mentions} for you` : ''}`, 'status'));
  const { page, isCopying } = workspace;
  if (page.log.isDetached || page.place !== undefined) {
    parts.push(span(`looking back${page.unread > 0 ? `, ${page.unread} new` : ''}: Ctrl-End`, 'status'));
  }
  if (isCopying) parts.push(span('copy mode: Esc', 'status'));
  return parts.flatMap((part, index) => [span(index === 0 ? ' ' : ` ${glyphs.separator} `, 'status'), part]);
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
