import type { Transfer } from '@parley/client-core';
import { safeText } from '../text/safe-text.ts';
import { cutToWidth, padToWidth, textWidth } from '../text/width.ts';
import { formatBytes, formatCountdown, formatRate } from './format.ts';
import type { Glyphs } from './glyphs.ts';
import { type Line, span } from './line.ts';
import { transferName } from './transfer-name.ts';

const BAR_COLUMNS_MAX = 30;
const BAR_COLUMNS_MIN = 5;
const NAME_COLUMNS_MAX = 28;
const NAME_COLUMNS_MIN = 8;
/** In fewer columns the bytes have to go, so that rate and time stay. */
const COLUMNS_FOR_BYTES = 66;
/** `999.9 MB of 999.9 MB` */
const BYTES_COLUMNS = 20;
/** `999.9 MB/s` */
const RATE_COLUMNS = 10;
/** The rate, two spaces, `ETA 99:59`. */
const ACTIVITY_COLUMNS = RATE_COLUMNS + 2 + 9;

/** What a transfer is doing, in one or two words. */
export function transferStateWords(transfer: Transfer): string {
  switch (transfer.state) {
    case 'waiting':
      return transfer.priority === 'normal' ? 'waiting' : `waiting (${transfer.priority})`;
    case 'requested':
      return transfer.direction === 'upload' ? 'preparing' : 'asking the server';
    case 'queued':
      return 'in the queue';
    case 'connecting':
      return 'connecting';
    case 'running':
      if (transfer.bytesPerSecond > 0) return 'running';
      // Nothing has to come any more: the disk, or the other end, is still busy with it.
      return transfer.receivedBytes === transfer.size ? 'finishing' : 'stalled';
    case 'completed':
      return 'done';
    default:
      return transfer.state;
  }
}

/** What moves comes first, then what is on its way, what waits, and what is over; each in the order of their numbers. */
const STATE_ORDER: Readonly<Record<Transfer['state'], number>> = {
  running: 0,
  verifying: 0,
  connecting: 1,
  requested: 1,
  queued: 2,
  interrupted: 2,
  paused: 2,
  waiting: 3,
  failed: 4,
  stopped: 5,
  cancelled: 5,
  completed: 6,
};

/** Orders transfers by what they do, so that those that move can be seen among two hundred. */
export function bySlot(left: Transfer, right: Transfer): number {
  return STATE_ORDER[left.state] - STATE_ORDER[right.state] || left.number - right.number;
}

/**
 * One row for a transfer: number, name, bar, per cent, bytes, and rate with time to go or what else it does.
 * All parts have fixed widths, so that the rows of several transfers stand under each other and do not jump.
 */
export function transferLine(transfer: Transfer, columns: number, glyphs: Glyphs): Line {
  const sign = transfer.direction === 'upload' ? glyphs.upload : glyphs.download;
  const label = `${sign}${transfer.number} `;
  const fraction = transfer.size ? transfer.receivedBytes / transfer.size : 0;
  const figures = figuresOf(transfer, fraction, columns >= COLUMNS_FOR_BYTES);
  const left = columns - textWidth(label) - textWidth(figures) - 1;
  const nameColumns = Math.min(NAME_COLUMNS_MAX, Math.max(NAME_COLUMNS_MIN, Math.floor(left / 2)));
  const name = cutToWidth(safeText(transferName(transfer)), nameColumns, glyphs.ellipsis);
  const barColumns = Math.min(BAR_COLUMNS_MAX, left - nameColumns - 3);
  const barStyle = transfer.state === 'paused' ? 'bar-paused' : 'bar';
  const line: Line = [span(label, 'strong'), span(padToWidth(name, nameColumns)), span(' ')];
  if (barColumns < BAR_COLUMNS_MIN) return [...line, span(figures)];
  return [...line, span(`[${progressBar(fraction, barColumns, glyphs)}]`, barStyle), span(` ${figures}`)];
}

/** A bar of `columns` cells, filled to `fraction` in the finest steps that the glyphs have. */
export function progressBar(fraction: number, columns: number, glyphs: Glyphs): string {
  const steps = glyphs.bar.length - 1;
  const filled = Math.floor(Math.min(1, Math.max(0, fraction)) * columns * steps);
  const whole = Math.floor(filled / steps);
  const full = (glyphs.bar[steps] ?? '#').repeat(whole);
  if (whole >= columns) return full;
  return full + (glyphs.bar[filled % steps] ?? ' ') + (glyphs.bar[0] ?? ' ').repeat(columns - whole - 1);
}

function figuresOf(transfer: Transfer, fraction: number, hasBytes: boolean): string {
  const { state, size, receivedBytes, bytesPerSecond } = transfer;
  const isKnown = size !== undefined;
  const percent = (isKnown ? `${Math.floor(fraction * 100)}%` : '').padStart(4);
  const bytes = isKnown ? `${formatBytes(receivedBytes)} of ${formatBytes(size)}` : '';
  const isRunning = isKnown && state === 'running' && bytesPerSecond > 0;
  const activity = isRunning
    ? `${formatRate(bytesPerSecond).padStart(RATE_COLUMNS)}  ETA ${formatCountdown((size - receivedBytes) / bytesPerSecond)}`
    : transferStateWords(transfer);
  const parts = [
    percent,
    ...(hasBytes ? [bytes.padStart(BYTES_COLUMNS)] : []),
    activity.padEnd(ACTIVITY_COLUMNS),
  ];
  return parts.join('  ');
}
