import { safeText } from '../text/safe-text.ts';
import type { ProgressContent } from './entry.ts';
import { formatBytes, formatCountdown, formatRate } from './format.ts';
import type { Glyphs } from './glyphs.ts';
import { type Line, type Span, span } from './line.ts';
import { progressBar } from './transfer-line.ts';

/** Short: beside it there are words. */
const BAR_COLUMNS = 10;

/** How far a transfer of somebody in the room is, in one line; what has begun says how fast it is, what is over how it ended. */
export function progressLine(content: ProgressContent, glyphs: Glyphs): Line {
  const { nickname, isUpload, state, size, bytes } = content;
  const name = safeText(content.name);
  const head: Span[] = [
    span(nickname, 'nickname'),
    span(isUpload ? ' uploads ' : ' downloads '),
    span(name, 'strong'),
  ];
  const percent = `${percentOf(content)}%`;
  if (state === 'completed') return [...head, span(`, ${formatBytes(size)}: completed`)];
  if (state !== 'moving') {
    const words = state === 'silent' ? 'nothing more was heard of it' : state;
    return [...head, span(`, ${formatBytes(size)}: ${words} at ${percent}`)];
  }
  if (bytes === 0) return [...head, span(`, ${formatBytes(size)}`)];
  const bar = progressBar(bytes / size, BAR_COLUMNS, glyphs);
  return [
    ...head,
    span(` [${bar}]`, 'bar'),
    span(` ${percent} of ${formatBytes(size)}${activityOf(content)}`),
  ];
}

function percentOf({ size, bytes }: ProgressContent): number {
  return size === 0 ? 0 : Math.floor((bytes / size) * 100);
}

function activityOf({ size, bytes, bytesPerSecond }: ProgressContent): string {
  if (bytesPerSecond === 0) return ', waiting';
  return `, ${formatRate(bytesPerSecond)}, ETA ${formatCountdown((size - bytes) / bytesPerSecond)}`;
}
