// What a room is told of the transfers of its members, on a page and in a stream.
import { PROGRESS_SILENT_MS, type RoomProgress } from '@parley/client-core';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RoomProgressLines } from '../../src/interactive/room-progress.ts';
import type { Entry, EntryContent, ProgressContent } from '../../src/view/entry.ts';
import { ASCII_GLYPHS } from '../../src/view/glyphs.ts';
import { progressLine } from '../../src/view/progress-words.ts';
import { Workspace } from '../../src/workspace/workspace.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const told = (changes: Partial<RoomProgress> = {}): RoomProgress => ({
  room: 'lobby' as never,
  nickname: 'ann' as never,
  line: 1,
  direction: 'upload',
  name: 'big.iso' as never,
  state: 'moving',
  size: 1_000_000,
  bytes: 450_000,
  bytesPerSecond: 50_000,
  ...changes,
});

const textOf = (content: ProgressContent) =>
  progressLine(content, ASCII_GLYPHS)
    .map(({ text }) => text)
    .join('');

/** The lines of a stream, or of the page of the lobby. */
function seen(hasPages: boolean) {
  const workspace = hasPages ? new Workspace() : undefined;
  const shown: string[] = [];
  const show = (content: EntryContent, { room }: { room?: string | undefined } = {}) => {
    if (workspace === undefined) shown.push(textOf(content as ProgressContent));
    else workspace.handleEntry({ time: 1, content, room });
  };
  const place = { rooms: [{ room: 'lobby' }], room: 'lobby' } as never;
  workspace?.handlePlace(place, '');
  const lines = new RoomProgressLines({ show, placeChanged: () => undefined, workspace }, () => 'lobby');
  const texts = () =>
    workspace?.page.log.entries.map(({ content }) => textOf(content as ProgressContent)) ?? shown;
  return { lines, texts, workspace };
}

const MOVING = 'ann uploads big.iso [####......] 45% of 1.0 MB, 50.0 kB/s, ETA 0:11';

// CHAT-PROGRESS-4
test('on a page a transfer has one line that changes where it stands, to its end', () => {
  const { lines, texts } = seen(true);
  lines.handle(told());
  lines.handle(told({ nickname: 'bob' as never, direction: 'download', bytes: 0 }));
  expect(texts()).toEqual([MOVING, 'bob downloads big.iso, 1.0 MB']);
  lines.handle(told({ bytes: 900_000, bytesPerSecond: 0 }));
  expect(texts()[0]).toBe('ann uploads big.iso [#########.] 90% of 1.0 MB, waiting');
  lines.handle(told({ state: 'completed', bytes: 1_000_000 }));
  lines.handle(told({ nickname: 'bob' as never, state: 'failed', bytes: 10_000 }));
  expect(texts()).toEqual([
    'ann uploads big.iso, 1.0 MB: completed',
    'bob uploads big.iso, 1.0 MB: failed at 1%',
  ]);
  // The same once more is another one.
  lines.handle(told());
  expect(texts()).toHaveLength(3);
});

test('who reads just there goes on reading there', () => {
  const { lines, workspace } = seen(true);
  lines.handle(told());
  const page = workspace?.page;
  if (page === undefined) throw new Error('there is a page');
  page.place = { entry: page.log.entries[0] as Entry, hidden: 0 };
  lines.handle(told({ bytes: 900_000 }));
  expect(page.place.entry).toBe(page.log.entries[0]);
});

// CHAT-PROGRESS-4
test('in a stream its begin and its end are told, and nothing between, and nothing of other rooms', () => {
  const { lines, texts } = seen(false);
  lines.handle(told({ room: 'den' as never, line: 2 }));
  for (const bytes of [450_000, 500_000, 600_000]) lines.handle(told({ bytes }));
  lines.handle(told({ state: 'stopped', bytes: 600_000 }));
  expect(texts()).toEqual([MOVING, 'ann uploads big.iso, 1.0 MB: stopped at 60%']);
});

// CHAT-PROGRESS-4
test('who leaves has stopped, and of whom nothing is heard for long it is said', () => {
  const { lines, texts } = seen(true);
  lines.handle(told());
  lines.handle(told({ nickname: 'bob' as never }));
  lines.handleLeft('den', 'ann');
  lines.handleLeft('lobby', 'ann');
  vi.advanceTimersByTime(PROGRESS_SILENT_MS - 1);
  const bob = MOVING.replace('ann', 'bob');
  expect(texts()).toEqual(['ann uploads big.iso, 1.0 MB: stopped at 45%', bob]);
  vi.advanceTimersByTime(1);
  expect(texts()[1]).toBe('bob uploads big.iso, 1.0 MB: nothing more was heard of it at 45%');
  lines.handle(told());
  lines.close();
  expect(vi.getTimerCount()).toBe(0);
});

test('names of others cannot command the terminal, and the way to what was sent is not shown', () => {
  const { lines, texts } = seen(true);
  lines.handle(told({ name: `@${'0'.repeat(32)}/a\u001b[2J` as never, bytes: 0 }));
  expect(texts()).toEqual(['ann uploads a\u241b[2J, 1.0 MB']);
});
