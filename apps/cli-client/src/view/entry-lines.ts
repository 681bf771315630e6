import type { Transfer } from '@parley/client-core';
import { safeLines } from '../text/safe-text.ts';
import { padToWidth, textWidth } from '../text/width.ts';
import type { Entry, EntryContent } from './entry.ts';
import {
  counted,
  formatBytes,
  formatDate,
  formatDuration,
  formatHash,
  formatPath,
  formatRate,
  formatTime,
  shortHash,
} from './format.ts';
import type { Glyphs } from './glyphs.ts';
import { leftOutWords } from './left-out.ts';
import { type Line, type Span, span } from './line.ts';
import { ROLE_SIGNS } from './place.ts';
import { progressLine } from './progress-words.ts';
import { transferStateWords } from './transfer-line.ts';
import { transferName } from './transfer-name.ts';

type ContentOf<Type extends EntryContent['type']> = Extract<EntryContent, { type: Type }>;

/** Names of those who came or went that are shown. */
const NAMES_MAX = 8;

/** What happened as lines, and the sign that stands before the first one. */
export interface MarkedLines {
  readonly mark?: Span;
  readonly lines: readonly Line[];
}

/**
 * The lines of an entry, unwrapped. The first begins with the time, further ones with a sign, so that no text
 * can look like the beginning of another entry.
 */
export function entryLines(entry: Entry, glyphs: Glyphs): Line[] {
  const time = span(`${formatTime(entry.time)} `, 'time');
  const { mark, lines } = markedLines(entry.content, glyphs);
  const [first = [], ...more] = lines;
  const start = mark === undefined ? [time] : [time, { ...mark, text: `${mark.text} ` }];
  const indent = span(`      ${glyphs.continuation} `, 'dim');
  return [[...start, ...first], ...more.map((line) => [indent, ...line])];
}

/** What happened, without its time. */
export function markedLines(content: EntryContent, glyphs: Glyphs): MarkedLines {
  const notice = span(glyphs.notice, 'notice');
  switch (content.type) {
    case 'message':
      return { lines: message(content) };
    case 'direct':
      return { lines: direct(content, glyphs) };
    case 'joined':
      return {
        mark: span(glyphs.joined, 'good'),
        lines: [[name(content.nickname), span(' joined', 'notice')]],
      };
    case 'left': {
      const how = span(` ${content.how}`, 'notice');
      return { mark: span(glyphs.left, 'bad'), lines: [[name(content.nickname), how]] };
    }
    case 'traffic':
      return traffic(content, glyphs);
    case 'gap':
      return { mark: span(glyphs.bad, 'bad'), lines: [[span(gapWords(content), 'bad')]] };
    case 'unseen':
      return { lines: [] };
    case 'room-shown': {
      const { room, members, topic } = content;
      const words = `in ${room}: ${members} here${topic === '' ? '' : `; ${topic}`}`;
      return { mark: notice, lines: textLines(words) };
    }
    case 'notice':
      return { mark: notice, lines: textLines(content.text) };
    case 'error':
      return { mark: span(glyphs.bad, 'bad'), lines: textLines(content.text, 'bad') };
    case 'users':
      return { mark: notice, lines: users(content) };
    case 'files':
      return { mark: notice, lines: files(content) };
    case 'rooms':
      return { mark: notice, lines: rooms(content) };
    case 'past':
      return { mark: notice, lines: past(content) };
    case 'transfers':
      return { mark: notice, lines: transfers(content, glyphs) };
    case 'transfer-begun': {
      const { number, direction } = content.transfer;
      const words = `${direction} ${number}: ${endsOf(content.transfer).join(` ${glyphs.arrow} `)}`;
      return { mark: notice, lines: [[span(words)]] };
    }
    case 'transfers-so-far':
      return transfersSoFar(content, glyphs);
    case 'transfer-over':
      return transferOver(content.transfer, glyphs);
    case 'progress':
      return { mark: progressMark(content, glyphs), lines: [progressLine(content, glyphs)] };
    case 'manual':
      return { mark: notice, lines: manual(content) };
    case 'help':
      return { mark: notice, lines: help(content) };
  }
}

function progressMark({ state }: ContentOf<'progress'>, glyphs: Glyphs): Span {
  if (state === 'completed') return span(glyphs.good, 'good');
  return state === 'failed' ? span(glyphs.bad, 'bad') : span(glyphs.notice, 'notice');
}

function name(nickname: string): Span {
  return span(nickname, 'nickname');
}

function traffic({ joined, left }: ContentOf<'traffic'>, glyphs: Glyphs): MarkedLines {
  const names = (list: readonly string[]): Span[] => {
    const shown = list.slice(0, NAMES_MAX);
    const rest = list.length - shown.length;
    const spans = shown.flatMap((one, index) =>
      index === 0 ? [name(one)] : [span(', ', 'notice'), name(one)],
    );
    return rest > 0 ? [...spans, span(` and ${rest} more`, 'notice')] : spans;
  };
  const came = joined.length === 0 ? [] : [...names(joined), span(' joined', 'notice')];
  const went = left.length === 0 ? [] : [...names(left), span(' left', 'notice')];
  const between = came.length > 0 && went.length > 0 ? [span('; ', 'notice')] : [];
  const mark = left.length === 0 ? span(glyphs.joined, 'good') : span(glyphs.left, 'bad');
  return { mark, lines: [[...came, ...between, ...went]] };
}

function rooms({ rooms: list }: ContentOf<'rooms'>): Line[] {
  const lines = list.map(({ room, topic, members, isOwn }): Line => {
    const title = span(room, isOwn ? 'strong' : undefined);
    return [title, span(` - ${members} here${topic === '' ? '' : ` - ${topic}`}`, 'dim')];
  });
  return [[span(counted(list.length, 'room'))], ...lines];
}

function past({ heading, entries }: ContentOf<'past'>): Line[] {
  const lines = entries.flatMap(({ time, place, from, text }) => {
    const head = [span(`${formatDate(time)} ${place} `, 'dim'), span('<'), name(from), span('> ')];
    return safeLines(text).map((line, index): Line => (index === 0 ? [...head, span(line)] : [span(line)]));
  });
  return [[span(heading)], ...lines];
}

function message({ from, text, isOwn, isMention, room }: ContentOf<'message'>): Line[] {
  const place = room === undefined ? [] : [span(`[${room}] `, 'dim')];
  const head = [...place, span('<'), span(from, isOwn ? 'own-nickname' : 'nickname'), span('> ')];
  const lines = safeLines(text).map((line): Span => span(line, isMention ? 'mention' : undefined));
  return lines.map((line, index) => (index === 0 ? [...head, line] : [line]));
}

function direct({ from, to, text, isOwn }: ContentOf<'direct'>, glyphs: Glyphs): Line[] {
  const who = isOwn ? `you ${glyphs.arrow} ${to}` : `${from} ${glyphs.arrow} you`;
  const lines = safeLines(text).map((line) => span(line, 'direct'));
  return lines.map((line, index) => (index === 0 ? [span(`[${who}] `, 'direct'), line] : [line]));
}

function textLines(text: string, style?: 'bad'): Line[] {
  return safeLines(text).map((line) => [span(line, style)]);
}

function gapWords({ missing }: ContentOf<'gap'>): string {
  if (missing === undefined) return 'some messages before the next one were missed';
  return missing === 1 ? '1 message was missed here' : `${missing} messages were missed here`;
}

function users({ users: list }: ContentOf<'users'>): Line[] {
  const heading = span(`${list.length} here: `, 'notice');
  const names = list.flatMap(({ nickname, role }, index) => [
    ...(index === 0 ? [] : [span(', ')]),
    ...(role === undefined ? [] : [span(ROLE_SIGNS[role], 'strong')]),
    name(nickname),
  ]);
  return [[heading, ...names]];
}

function files({ files: list, view }: ContentOf<'files'>): Line[] {
  if (list.length === 0) {
    return [[span(view?.pattern ? `no file fits ${view.pattern}` : 'the server shares no files', 'notice')]];
  }
  const rows = list.map(({ name: title, size, modifiedAt, sha256 }) => [
    span(padToWidth(formatBytes(size), 9, 'left')),
    span(`  ${formatDate(modifiedAt)}  ${shortHash(sha256)}  `, 'dim'),
    span(title, 'strong'),
  ]);
  return [[span(counted(list.length, 'file'), 'notice')], ...rows];
}

function transfers({ transfers: list }: ContentOf<'transfers'>, glyphs: Glyphs): Line[] {
  if (list.length === 0) return [[span('no transfers yet: /get NAME and /put FILE begin one', 'notice')]];
  const heading = span(`${list.length} in this session`, 'notice');
  return [[heading], ...list.map((transfer) => transferRow(transfer, glyphs))];
}

function transferRow(transfer: Transfer, glyphs: Glyphs): Line {
  const { number, state, size, receivedBytes, bytesPerSecond, failure } = transfer;
  const [from, to] = endsOf(transfer);
  const total = size === undefined ? '' : ` ${formatBytes(receivedBytes)} of ${formatBytes(size)}`;
  const rate = state === 'running' ? `, ${formatRate(bytesPerSecond)}` : '';
  return [
    span(`${number} `, 'strong'),
    span(from),
    span(` ${glyphs.arrow} ${to}: `, 'dim'),
    span(`${transferStateWords(transfer)}${total}${rate}`),
    span(failure === undefined ? '' : ` (${failure.message})`, 'bad'),
  ];
}

/** Where the bytes come from, and where they go. */
function endsOf(transfer: Transfer): readonly [string, string] {
  const { sourcePath, targetPath } = transfer;
  const shared = transferName(transfer);
  return sourcePath === undefined ? [shared, formatPath(targetPath)] : [formatPath(sourcePath), shared];
}

function transfersSoFar(
  { begun, done, doneBytes, last }: ContentOf<'transfers-so-far'>,
  glyphs: Glyphs,
): MarkedLines {
  const isAllDone = done >= begun;
  const asked = isAllDone ? '' : `${counted(begun, last.direction)} asked for, `;
  const finished = isAllDone ? `${counted(done, last.direction)} done` : `${done} done`;
  const verified = done === 0 ? '' : `${finished} (${formatBytes(doneBytes)}, verified), `;
  return {
    mark: isAllDone ? span(glyphs.good, 'good') : span(glyphs.notice, 'notice'),
    lines: [[span(`${asked}${verified}the last one: `), span(transferName(last), 'strong')]],
  };
}

function transferOver(transfer: Transfer, glyphs: Glyphs): MarkedLines {
  const { number, state, failure, direction } = transfer;
  const title = transferName(transfer);
  const what = `${direction} ${number}: `;
  if (state === 'completed') return completed(transfer, glyphs);
  if (state === 'cancelled' || state === 'stopped') {
    const words =
      state === 'cancelled'
        ? ' cancelled, nothing of it was kept'
        : ` stopped; what has arrived is kept: ${direction === 'upload' ? '/put' : '/get'} it again to go on`;
    const line = [span(what, 'notice'), span(title), span(words, 'notice')];
    return { mark: span(glyphs.notice, 'notice'), lines: [line] };
  }
  const why = failure === undefined ? '' : `: ${failure.message}`;
  const line = [span(what, 'bad'), span(title), span(` failed${why}`, 'bad')];
  return { mark: span(glyphs.bad, 'bad'), lines: [line] };
}

/** The first line says it all; the second one is for those who keep a list of digests. */
function completed(transfer: Transfer, glyphs: Glyphs): MarkedLines {
  const { number, size = 0, durationMs, sha256, resumedBytes, changesSeen, direction, leftOut } = transfer;
  const isUpload = direction === 'upload';
  // A rate over less than a second is mostly the handshake's.
  const isLong = durationMs !== undefined && durationMs >= 1000;
  const rate = isLong ? ` (${formatRate((size * 1000) / durationMs)})` : '';
  const took = durationMs === undefined ? '' : ` in ${formatDuration(durationMs)}${rate}`;
  const resumed =
    resumedBytes > 0 ? `, ${formatBytes(resumedBytes)} were ${isUpload ? 'there' : 'here'} before` : '';
  const anew = isUpload
    ? 'sent anew where it had changed'
    : 'fetched anew where it had changed on the server';
  const changed = changesSeen > 0 ? `, ${anew}` : '';
  return {
    mark: span(glyphs.good, 'good'),
    lines: [
      [
        span(`${direction} ${number}: `, 'good'),
        span(endsOf(transfer)[1], 'strong'),
        span(`, ${formatBytes(size)}${took}${resumed}${changed}, verified`),
      ],
      ...(sha256 ? [[span(`sha256 ${formatHash(sha256)}`, 'dim')]] : []),
      ...(leftOut.length > 0 ? [[span(leftOutWords(transfer), 'notice')]] : []),
    ],
  };
}

function manual({ sections }: ContentOf<'manual'>): Line[] {
  const columns = Math.max(0, ...sections.flatMap(({ rows }) => rows.map(({ usage }) => textWidth(usage))));
  return [
    [span('commands and keys')],
    ...sections.flatMap(({ heading, rows }): Line[] => [
      [span(heading, 'heading')],
      ...rows.map(({ usage, summary }) => usageLine(usage, summary, columns)),
    ]),
  ];
}

function help({ heading, rows }: ContentOf<'help'>): Line[] {
  const columns = Math.max(0, ...rows.map(([usage]) => textWidth(usage)));
  return [[span(heading)], ...rows.map(([usage, summary]) => usageLine(usage, summary, columns))];
}

function usageLine(usage: string, summary: string, columns: number): Line {
  return [span(padToWidth(usage, columns), 'strong'), span(`  ${summary}`)];
}
