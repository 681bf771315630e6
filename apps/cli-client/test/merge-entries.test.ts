import { expect, test } from 'vitest';
import type { Entry, EntryContent } from '../src/view/entry.ts';
import { entryLines } from '../src/view/entry-lines.ts';
import { ASCII_GLYPHS } from '../src/view/glyphs.ts';
import { RoomPage } from '../src/workspace/room-page.ts';
import { transfer } from './support/transfers.ts';

const NOON = new Date(2026, 10, 22, 12, 0).getTime();

/** What a page shows after these things happened. */
function shown(...contents: readonly (EntryContent | Partial<Entry>)[]): string[] {
  const page = new RoomPage();
  for (const one of contents) {
    const entry = 'type' in one ? { time: NOON, content: one } : { time: NOON, ...one };
    page.append(entry as Entry, true);
  }
  return page.log.entries.map((entry) =>
    (entryLines(entry, ASCII_GLYPHS)[0] ?? []).map(({ text }) => text).join(''),
  );
}

const joined = (nickname: string) => ({ type: 'joined', nickname }) as const;
const left = (nickname: string) => ({ type: 'left', nickname, how: 'left' }) as const;
const done = (number: number) =>
  ({
    type: 'transfer-over',
    transfer: transfer({ number, state: 'completed', targetPath: `/x/${number}` }),
  }) as const;

test('people who come and go one after the other are one entry', () => {
  expect(shown(joined('ann'), joined('bob'), left('ann'), joined('cleo'))).toEqual([
    '12:00 <- bob, cleo joined; ann left',
  ]);
});

test('who is gone and back again has come', () => {
  expect(shown(left('ann'), joined('ann'))).toEqual(['12:00 -> ann joined']);
});

test('a crowd is counted', () => {
  const crowd = Array.from({ length: 30 }, (_, index) => joined(`u${index}`));
  expect(shown(...crowd)).toEqual(['12:00 -> u0, u1, u2, u3, u4, u5, u6, u7 and 22 more joined']);
});

const begun = (number: number) =>
  ({ type: 'transfer-begun', transfer: transfer({ number, name: `file ${number}` }) }) as const;

test('two hundred downloads that are asked for and done are one entry', () => {
  const numbers = Array.from({ length: 200 }, (_, index) => index + 1);
  expect(shown(...numbers.map(done))).toEqual([
    '12:00 * 200 downloads done (200.0 MB, verified), the last one: notes.txt',
  ]);
  expect(shown(...numbers.map(begun))).toEqual(['12:00 - 200 downloads asked for, the last one: file 200']);
  const mixed = numbers.flatMap((number) =>
    number > 2 ? [begun(number), done(number - 2)] : [begun(number)],
  );
  expect(shown(...mixed)).toEqual([
    '12:00 - 200 downloads asked for, 198 done (198.0 MB, verified), the last one: notes.txt',
  ]);
});

test('a single download that is done says where it is', () => {
  expect(shown(begun(1), done(1))).toEqual(['12:00 * download 1: /x/1, 1.0 MB, verified']);
});

test('downloads one after the other are counted', () => {
  const one = [begun(1), done(1)];
  const running = [...one, begun(2)];
  expect(shown(...running)).toEqual([
    '12:00 - 2 downloads asked for, 1 done (1.0 MB, verified), the last one: file 2',
  ]);
  expect(shown(...running, done(2))).toEqual([
    '12:00 * 2 downloads done (2.0 MB, verified), the last one: notes.txt',
  ]);
});

test('messages, failures, and what lies ten minutes apart stay what they are', () => {
  const message = { type: 'message', from: 'bob', text: 'hi', isOwn: false, isMention: false } as const;
  const failed = { type: 'transfer-over', transfer: transfer({ state: 'failed' }) } as const;
  const later = { time: NOON + 11 * 60_000, content: joined('cleo') };
  expect(
    shown(joined('ann'), message, joined('bob'), failed, failed, done(1), joined('ann'), later),
  ).toHaveLength(8);
});

test('who looks back is not disturbed', () => {
  const page = new RoomPage();
  const first = { time: NOON, content: joined('ann') };
  page.append(first, true);
  page.place = { entry: first, hidden: 0 };
  page.append({ time: NOON, content: joined('bob') }, false);
  expect(page.log.entries).toHaveLength(2);
});
