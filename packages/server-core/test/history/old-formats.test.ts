// A history that an older Parley wrote is opened, and everything is there.
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ClientMessageId } from '@parley/protocol';
import type { Database } from 'better-sqlite3';
import { expect, test } from 'vitest';
import { RESEND_MS_MIN } from '../../src/domain/limits.ts';
import type { NewEntry, StoreOperation } from '../../src/history/history-store.ts';
import { bringUpToDate } from '../../src/node/history/sqlite/schema.ts';
import { append, BEGIN, createRoom, searchFor } from './drafts.ts';
import { makeFile, openStore, withDatabase } from './file-store.ts';

type Append = Extract<StoreOperation, { type: 'append' }>;

/** A message, as the operation that would write it. */
const said = (draft: Parameters<typeof append>[0]) => (append(draft) as Append).entry;

/** Makes a history of format 2 or 1 with these entries, each with its room's number, sequence, and what became of it. */
async function makeOldHistory(
  version: number,
  entries: readonly {
    entry: NewEntry;
    room: number;
    sequence: number;
    isGone?: boolean;
    editedAt?: number;
  }[],
): Promise<string> {
  const file = await makeFile();
  mkdirSync(dirname(file), { recursive: true });
  closeSync(openSync(file, 'a', 0o600));
  withDatabase(file, (database) => {
    bringUpToDate(database, version);
    database.transaction(() => fill(database, entries))();
  });
  return file;
}

function fill(database: Database, entries: Parameters<typeof makeOldHistory>[1]): void {
  const users = new Map<string, number>();
  const insertUser = database.prepare('INSERT INTO users VALUES (NULL, ?, NULL)');
  for (const [room, key] of ['lobby', 'kitchen'].entries()) {
    const own = entries.filter((one) => one.room === room + 1);
    const kept = own.filter(({ isGone }) => isGone !== true);
    const last = own.at(-1)?.sequence ?? 0;
    database
      .prepare('INSERT INTO rooms VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)')
      .run(room + 1, key, key, 'public', '', 7, kept[0]?.sequence ?? last + 1, last, BEGIN);
  }
  for (const { entry, room, sequence, isGone = false, editedAt = null } of entries) {
    const { userId, from, kind, target, text = null, clientMessageId, time } = entry;
    const user = users.get(userId) ?? Number(insertUser.run(userId).lastInsertRowid);
    users.set(userId, user);
    database
      .prepare('INSERT INTO sent VALUES (NULL, ?, ?, ?, ?, ?)')
      .run(clientMessageId, user, room, sequence, time);
    if (isGone) continue;
    database
      .prepare('INSERT INTO entries VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
      .run(room, sequence, time, user, from, kind, target, editedAt, text, clientMessageId);
  }
}

// CHAT-LOG-1, CHAT-SAY-4, CHAT-SEARCH-1
test.each([1, 2])(
  'of format %i: entries, what became of them, words, and the ids of messages',
  async (version) => {
    const lobby = Array.from({ length: 2_500 }, (_, index) => ({
      entry: said({ text: `tea ${index + 1}`, id: `${index + 1}`, user: index % 3 === 0 ? 'ann' : 'bob' }),
      room: 1,
      sequence: index + 1,
      isGone: index < 100,
    }));
    const kitchen = [
      { entry: said({ room: 'kitchen', text: 'brewing', kind: 'topic' }), room: 2, sequence: 1 },
      {
        entry: said({ room: 'kitchen', text: 'Café', id: 'edited' }),
        room: 2,
        sequence: 2,
        editedAt: BEGIN + 5,
      },
      { entry: said({ room: 'kitchen', kind: 'edit', target: 2, text: 'Café' }), room: 2, sequence: 3 },
      { entry: said({ room: 'kitchen', text: undefined }), room: 2, sequence: 4, editedAt: BEGIN + 6 },
      { entry: said({ room: 'kitchen', kind: 'delete', target: 4 }), room: 2, sequence: 5 },
    ];
    const store = await openStore(await makeOldHistory(version, [...lobby, ...kitchen]));
    expect(await store.open()).toMatchObject([
      { key: 'lobby', epoch: 7, firstSequence: 101, lastSequence: 2_500 },
      { key: 'kitchen', firstSequence: 1, lastSequence: 5 },
    ]);
    const all = { direction: 'after', sequence: 0, limit: 3_000 } as const;
    const { entries } = await store.read({ roomKey: 'lobby', ...all });
    expect(entries.map(({ sequence, text, from }) => `${sequence} ${text} ${from}`)).toEqual(
      lobby.slice(100).map(({ entry, sequence }) => `${sequence} ${entry.text} ${entry.from}`),
    );
    expect((await store.read({ roomKey: 'kitchen', ...all })).entries).toEqual(
      kitchen.map(({ entry, sequence, editedAt }) => ({
        ...{ sequence, time: entry.time, from: entry.from, kind: entry.kind, target: entry.target, editedAt },
        ...{ text: entry.text, clientMessageId: new Uint8Array(entry.clientMessageId) as ClientMessageId },
      })),
    );
    const find = async (word: string) => {
      const hits = await store.search(searchFor({ words: [word], roomKeys: ['lobby', 'kitchen'] }));
      return hits.map(({ sequence }) => sequence);
    };
    expect([await find('1234'), await find('cafe'), await find('50')]).toEqual([[1_234], [2], []]);
    const again = (draft: Parameters<typeof append>[0]) => store.write([append(draft)]);
    expect(await again({ text: 'tea 50', id: '50', user: 'bob' })).toMatchObject([
      { type: 'repeated', sequence: 50 },
    ]);
    expect(await again({ id: '2500', user: 'ann' })).toMatchObject([{ type: 'repeated', sequence: 2_500 }]);
    expect(await again({ id: '2500', user: 'bob', text: 'more' })).toMatchObject([
      { type: 'appended', sequence: 2_501 },
    ]);
  },
);

test('one that finds no room for its packs stays as it was, says so, and is opened when there is room', async () => {
  const entries = Array.from({ length: 500 }, (_, index) => ({
    entry: said({ text: `tea ${'x'.repeat(1_000)}`, id: `${index + 1}` }),
    room: 1,
    sequence: index + 1,
  }));
  const file = await makeOldHistory(2, entries);
  const pagesMax =
    withDatabase(file, (database) => Number(database.pragma('page_count', { simple: true }))) + 20;
  await expect(openStore(file, { pagesMax })).rejects.toMatchObject({
    code: 'disk-full',
    message: expect.stringMatching(/make room on its disk$/),
  });
  withDatabase(file, (database) => {
    expect(database.pragma('user_version', { simple: true })).toBe(2);
    expect(database.prepare('SELECT count(*) FROM entries').pluck().get()).toBe(500);
  });
  const store = await openStore(file);
  const page = { roomKey: 'lobby', direction: 'after', sequence: 0, limit: 1_000 } as const;
  expect((await store.read(page)).entries).toHaveLength(500);
  expect(await store.write([append({ text: 'again', id: '7' })])).toMatchObject([
    { type: 'repeated', sequence: 7 },
  ]);
});

// CHAT-SAY-4
test('ids that it has are forgotten when their day is over, and what was kept for them alone', async () => {
  const file = await makeOldHistory(2, [
    { entry: said({ text: 'secret', id: 'old' }), room: 1, sequence: 1, isGone: true },
    { entry: said({ text: 'tea', id: 'new', time: BEGIN + 10 }), room: 1, sequence: 2 },
  ]);
  const store = await openStore(file);
  const retention = { ageMsMax: undefined, entriesPerRoomMax: undefined };
  await store.write([{ type: 'forget', retention, now: BEGIN + RESEND_MS_MIN + 1 }]);
  expect(
    await store.write([append({ text: 'a', id: 'old' }), append({ text: 'b', id: 'new' })]),
  ).toMatchObject([
    { type: 'appended', sequence: 3 },
    { type: 'repeated', sequence: 2 },
  ]);
  expect((await store.search(searchFor({ words: ['tea'] }))).map(({ from }) => from)).toEqual(['ann']);
});

test('a history of this format is not changed by being opened', async () => {
  const file = await makeFile();
  const store = await openStore(file);
  await store.write([createRoom('lobby'), append({ text: 'tea' })]);
  await store.close();
  const contents = () =>
    withDatabase(file, (database) => database.prepare('SELECT id, content FROM packs').all());
  const before = contents();
  await (await openStore(file)).close();
  expect(contents()).toEqual(before);
});
