import type { Transfer } from '@parley/client-core';
import { safeLines } from '../text/safe-text.ts';
import { padToWidth, textWidth } from '../text/width.ts';
import type { Entry, EntryContent } from './entry.ts';
import {
  formatBytes,
  formatDate,
  formatDuration,
  formatHash,
  formatRate,
  formatTime,
  shortHash,
} from './format.ts';
import type { Glyphs } from './glyphs.ts';
import { type Line, type Span, span } from './line.ts';
import { transferStateWords } from './transfer-line.ts';

type ContentOf<Type extends EntryContent['type']> = Extract<EntryContent, { type: Type }>;

/**
 * The lines of an entry, unwrapped. The first begins with the time, further ones with a sign, so that no text
 * can look like the beginning of another entry.
 */
export function entryLines(entry: Entry, glyphs: Glyphs): Line[] {
  const time = span(`${formatTime(entry.time)} `, 'time');
  const [first = [], ...more] = contentLines(entry.content, glyphs);
  const indent = span(`      ${glyphs.continuation} `, 'dim');
  return [[time, ...first], ...more.map((line) => [indent, ...line])];
}

/** The lines of what happened, without its time. */
export function contentLines(content: EntryContent, glyphs: Glyphs): Line[] {
  switch (content.type) {
    case 'message':
      return message(content);
    case 'direct':
      return direct(content, glyphs);
    case 'joined':
      return [
        [span(`${glyphs.joined} `, 'good'), span(content.nickname, 'nickname'), span(' joined', 'notice')],
      ];
    case 'left': {
      const how = span(` ${content.how}`, 'notice');
      return [[span(`${glyphs.left} `, 'bad'), span(content.nickname, 'nickname'), how]];
    }
    case 'gap':
      return [[span(`${glyphs.bad} ${gapWords(content)}`, 'bad')]];
    case 'unseen':
      return [];
    case 'room-shown': {
      const { room, members, topic } = content;
      return marked(
        `in ${room}: ${members} here${topic === '' ? '' : `; ${topic}`}`,
        span(`${glyphs.notice} `, 'notice'),
      );
    }
    case 'notice':
      return marked(content.text, span(`${glyphs.notice} `, 'notice'));
    case 'error':
      return marked(content.text, span(`${glyphs.bad} `, 'bad'), 'bad');
    case 'users':
      return users(content, glyphs);
    case 'files':
      return files(content, glyphs);
    case 'rooms':
      return rooms(content, glyphs);
    case 'past':
      return past(content, glyphs);
    case 'transfers':
      return transfers(content, glyphs);
    case 'transfer-over':
      return transferOver(content.transfer, glyphs);
    case 'help':
      return help(content, glyphs);
  }
}

function rooms({ rooms: list }: ContentOf<'rooms'>, glyphs: Glyphs): Line[] {
  const heading = [span(`${glyphs.notice} `, 'notice'), span(`${list.length} rooms`)];
  const lines = list.map(({ room, topic, members, isOwn }): Line => {
    const name = span(room, isOwn ? 'strong' : undefined);
    return [name, span(` - ${members} here${topic === '' ? '' : ` - ${topic}`}`, 'dim')];
  });
  return [heading, ...lines];
}

function past({ heading, entries }: ContentOf<'past'>, glyphs: Glyphs): Line[] {
  const lines = entries.flatMap(({ time, place, from, text }) => {
    const head = [
      span(`${formatDate(time)} ${place} `, 'dim'),
      span('<'),
      span(from, 'nickname'),
      span('> '),
    ];
    return safeLines(text).map((line, index): Line => (index === 0 ? [...head, span(line)] : [span(line)]));
  });
  return [[span(`${glyphs.notice} `, 'notice'), span(heading)], ...lines];
}

function message({ from, text, isOwn, isMention, room }: ContentOf<'message'>): Line[] {
  const place = room === undefined ? [] : [span(`[${room}] `, 'dim')];
  const name = [...place, span('<'), span(from, isOwn ? 'own-nickname' : 'nickname'), span('> ')];
  const lines = safeLines(text).map((line): Span => span(line, isMention ? 'mention' : undefined));
  return lines.map((line, index) => (index === 0 ? [...name, line] : [line]));
}

function direct({ from, to, text, isOwn }: ContentOf<'direct'>, glyphs: Glyphs): Line[] {
  const who = isOwn ? `you ${glyphs.arrow} ${to}` : `${from} ${glyphs.arrow} you`;
  const lines = safeLines(text).map((line) => span(line, 'direct'));
  return lines.map((line, index) => (index === 0 ? [span(`[${who}] `, 'direct'), line] : [line]));
}

function marked(text: string, mark: Span, style?: 'bad'): Line[] {
  return safeLines(text).map((line, index) =>
    index === 0 ? [mark, span(line, style)] : [span(line, style)],
  );
}

function gapWords({ missing }: ContentOf<'gap'>): string {
  if (missing === undefined) return 'some messages before the next one were missed';
  return missing === 1 ? '1 message was missed here' : `${missing} messages were missed here`;
}

function users({ users }: ContentOf<'users'>, glyphs: Glyphs): Line[] {
  const heading = span(`${glyphs.notice} ${users.length} here: `, 'notice');
  const names = users.flatMap(({ nickname }, index) => {
    const name = span(nickname, 'nickname');
    return index === 0 ? [name] : [span(', '), name];
  });
  return [[heading, ...names]];
}

function files({ files, view }: ContentOf<'files'>, glyphs: Glyphs): Line[] {
  if (files.length === 0) {
    const none = view?.pattern ? `no file fits ${view.pattern}` : 'the server shares no files';
    return [[span(`${glyphs.notice} ${none}`, 'notice')]];
  }
  const heading = span(`${glyphs.notice} ${files.length} ${files.length === 1 ? 'file' : 'files'}`, 'notice');
  const rows = files.map(({ name, size, modifiedAt, sha256 }) => [
    span(padToWidth(formatBytes(size), 9, 'left')),
    span(`  ${formatDate(modifiedAt)}  ${shortHash(sha256)}  `, 'dim'),
    span(name, 'strong'),
  ]);
  return [[heading], ...rows];
}

function transfers({ transfers }: ContentOf<'transfers'>, glyphs: Glyphs): Line[] {
  if (transfers.length === 0)
    return [[span(`${glyphs.notice} no transfers yet: /get NAME and /put FILE begin one`, 'notice')]];
  const heading = span(`${glyphs.notice} ${transfers.length} in this session`, 'notice');
  return [[heading], ...transfers.map((transfer) => transferRow(transfer, glyphs))];
}

function transferRow(transfer: Transfer, glyphs: Glyphs): Line {
  const { number, name, state, size, receivedBytes, bytesPerSecond, targetPath, failure } = transfer;
  const [from, to] = transfer.sourcePath === undefined ? [name, targetPath] : [transfer.sourcePath, name];
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

function transferOver(transfer: Transfer, glyphs: Glyphs): Line[] {
  const { number, name, state, size = 0, durationMs, targetPath, sha256, failure } = transfer;
  const { resumedBytes, changesSeen, direction } = transfer;
  const isUpload = direction === 'upload';
  const what = `${direction} ${number}: `;
  if (state === 'completed') {
    // A rate over less than a second is mostly the handshake's.
    const isLong = durationMs !== undefined && durationMs >= 1000;
    const rate = isLong ? ` (${formatRate((size * 1000) / durationMs)})` : '';
    const took = durationMs === undefined ? '' : ` in ${formatDuration(durationMs)}${rate}`;
    const resumed =
      resumedBytes > 0 ? `, ${formatBytes(resumedBytes)} were ${isUpload ? 'there' : 'here'} before` : '';
    const changed = changesSeen > 0 ? ', fetched anew where it had changed on the server' : '';
    const hash = sha256 ? formatHash(sha256) : '';
    return [
      [
        span(`${glyphs.good} ${what}`, 'good'),
        span(targetPath, 'strong'),
        span(`, ${formatBytes(size)}${took}${resumed}${changed}, verified`),
      ],
      [span(`sha256 ${hash}`, 'dim')],
    ];
  }
  if (state === 'cancelled') {
    return [
      [
        span(`${glyphs.notice} ${what}`, 'notice'),
        span(name),
        span(' cancelled, nothing of it was kept', 'notice'),
      ],
    ];
  }
  if (state === 'stopped') {
    return [
      [
        span(`${glyphs.notice} ${what}`, 'notice'),
        span(name),
        span(` stopped; what has arrived is kept: ${isUpload ? '/put' : '/get'} it again to go on`, 'notice'),
      ],
    ];
  }
  const why = failure === undefined ? '' : `: ${failure.message}`;
  return [[span(`${glyphs.bad} ${what}`, 'bad'), span(name), span(` failed${why}`, 'bad')]];
}

function help({ heading, rows }: ContentOf<'help'>, glyphs: Glyphs): Line[] {
  const columns = Math.max(0, ...rows.map(([usage]) => textWidth(usage)));
  const first: Line = [span(`${glyphs.notice} `, 'notice'), span(heading)];
  return [
    first,
    ...rows.map(
      ([usage, summary]): Line => [span(padToWidth(usage, columns), 'strong'), span(`  ${summary}`)],
    ),
  ];
}
