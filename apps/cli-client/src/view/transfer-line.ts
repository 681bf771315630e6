import type { Transfer } from '@parley/client-core';
import { safeText } from '../text/safe-text.ts';
import { cutToWidth, padToWidth, textWidth } from '../text/width.ts';
import { formatBytes, formatCountdown, formatRate } from './format.ts';
import type { Glyphs } from './glyphs.ts';
import { type Line, span } from './line.ts';

const BAR_COLUMNS_MAX = 30;
const BAR_COLUMNS_MIN = 5;
const NAME_COLUMNS_MAX = 28;

/** What a transfer is doing, in one or two words. */
export function transferStateWords(transfer: Transfer): string {
  switch (transfer.state) {
    case 'waiting':
      return 'waiting';
    case 'requested':
      return 'asking the server';
    case 'connecting':
      return 'connecting';
    case 'running':
      return transfer.bytesPerSecond === 0 ? 'stalled' : 'running';
    case 'completed':
      return 'done';
    default:
      return transfer.state;
  }
}

/** One row for a download: number, name, bar, per cent, bytes, and rate with time to go or what else it does. */
export function transferLine(transfer: Transfer, columns: number, glyphs: Glyphs): Line {
  const label = `${glyphs.download}${transfer.number} `;
  const fraction = transfer.size ? transfer.receivedBytes / transfer.size : 0;
  const figures = figuresOf(transfer, fraction);
  const left = columns - textWidth(label) - textWidth(figures) - 1;
  const nameColumns = Math.min(NAME_COLUMNS_MAX, Math.max(8, Math.floor(left / 2)));
  const name = cutToWidth(safeText(transfer.name), nameColumns, glyphs.ellipsis);
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

function figuresOf(transfer: Transfer, fraction: number): string {
  const { state, size, receivedBytes, bytesPerSecond } = transfer;
  if (size === undefined) return transferStateWords(transfer);
  const percent = `${Math.floor(fraction * 100)}%`.padStart(4);
  const bytes = `${formatBytes(receivedBytes)} of ${formatBytes(size)}`;
  if (state !== 'running' || bytesPerSecond <= 0)
    return `${percent}  ${bytes}  ${transferStateWords(transfer)}`;
  const secondsLeft = (size - receivedBytes) / bytesPerSecond;
  return `${percent}  ${bytes}  ${formatRate(bytesPerSecond)}  ETA ${formatCountdown(secondsLeft)}`;
}
