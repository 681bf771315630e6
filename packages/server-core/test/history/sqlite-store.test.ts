// What only a history in a file can do: outlive its process, and be in trouble.
import { open, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import type { SqliteRequest } from '../../src/node/history/sqlite/sqlite-messages.ts';
import { append, BEGIN, createRoom, searchFor, userIdOf } from './drafts.ts';
import { makeCopy, makeFile, makeHistory, openStore, withDatabase } from './file-store.ts';
import { PretendedThread } from './pretended-thread.ts';
import { makeFolder } from './temporary-folder.ts';

const EVERYTHING = { roomKey: 'lobby', direction: 'after', sequence: 0, limit: 60 } as const;
const longText = 'x'.repeat(4_000);

// CHAT-LOG-3, CHAT-LOG-1
test('is there again after it was closed, in the same epoch', async () => {
  const file = await makeFile();
  const first = await openStore(file);
  await first.write([
    createRoom('lobby', { epoch: 99 }),
    append({ text: 'tea', id: 'same' }),
    append({ kind: 'topic', text: 'brewing' }),
    { type: 'mark-read', roomKey: 'lobby', userId: userIdOf('ann'), sequence: 1 },
  ]);
  await first.close();
  const second = await openStore(file);
  expect(await second.open()).toMatchObject([{ key: 'lobby', epoch: 99, topic: 'brewing', lastSequence: 2 }]);
  expect((await second.read(EVERYTHING)).entries).toMatchObject([{ text: 'tea' }, { text: 'brewing' }]);
  expect(await second.search(searchFor({ words: ['tea'] }))).toHaveLength(1);
  expect(await second.readMarkers(userIdOf('ann'), ['lobby'])).toEqual([1]);
  expect(await second.write([append({ text: 'tea', id: 'same' }), append({ text: 'cake' })])).toMatchObject([
    { type: 'repeated', sequence: 1 },
    { type: 'appended', sequence: 3 },
  ]);
});

test.skipIf(process.platform === 'win32')('is for its own user to read', async () => {
  const file = await makeFile();
  const store = await openStore(file);
  await store.write([createRoom('lobby')]);
  for (const name of [file, `${file}-wal`]) expect((await stat(name)).mode & 0o077).toBe(0);
});

test('a batch that cannot be written whole leaves nothing', async () => {
  const file = await makeFile();
  const store = await openStore(file, { pagesMax: 60 });
  await store.write([createRoom('lobby')]);
  const batch = Array.from({ length: 100 }, (_, index) =>
    append({ text: longText, id: `${index}`, user: `user${index}` }),
  );
  await expect(store.write([createRoom('attic'), append({ text: 'small' }), ...batch])).rejects.toMatchObject(
    {
      name: 'StoreError',
      code: 'disk-full',
      message: "the disk of the server's history is full",
    },
  );
  expect(await store.open()).toMatchObject([{ key: 'lobby', lastSequence: 0 }]);
  expect(await store.search(searchFor({ words: ['small'] }))).toEqual([]);
  const after = await store.write([append({ text: 'small', user: 'user1' }), createRoom('attic')]);
  expect(after).toEqual([{ type: 'appended', sequence: 1, time: BEGIN }, { type: 'room-created' }]);
});

test('keeps what edits and deletes took away, until their target is forgotten', async () => {
  const file = await makeFile();
  const store = await openStore(file);
  await store.write([createRoom('lobby'), append({ text: 'one' }), append({ text: 'two' })]);
  await store.write([
    append({ kind: 'edit', target: 1, text: 'uno' }),
    append({ kind: 'delete', target: 1 }),
    append({ kind: 'delete', target: 2 }),
  ]);
  const oldTexts = () =>
    withDatabase(file, (database) =>
      database.prepare('SELECT target, change, text FROM old_texts').raw().all(),
    );
  expect(oldTexts()).toEqual([
    [1, 3, 'one'],
    [1, 4, 'uno'],
    [2, 5, 'two'],
  ]);
  await store.write([
    { type: 'forget', retention: { ageMsMax: undefined, entriesPerRoomMax: 4 }, now: BEGIN },
  ]);
  expect(oldTexts()).toEqual([[2, 5, 'two']]);
});

// CHAT-HISTORY-4
test('forgets a lot in parts, each a write of its own', async () => {
  const store = await openStore(await makeFile(), { durability: 'normal' });
  await store.write([createRoom('lobby'), createRoom('kitchen')]);
  const rooms = ['lobby', 'kitchen'];
  await store.write(
    rooms.flatMap((room) => Array.from({ length: 2_000 }, () => append({ room, text: 'old' }))),
  );
  const retention = { ageMsMax: undefined, entriesPerRoomMax: 500 };
  const forget = async () => (await store.write([{ type: 'forget', retention, now: BEGIN }]))[0];
  expect(await forget()).toEqual({
    type: 'forgotten',
    firsts: [
      { roomKey: 'lobby', firstSequence: 1_501 },
      { roomKey: 'kitchen', firstSequence: 501 },
    ],
    hasMore: true,
  });
  const firsts = [{ roomKey: 'kitchen', firstSequence: 1_501 }];
  expect(await forget()).toEqual({ type: 'forgotten', firsts, hasMore: false });
  expect(await store.search(searchFor({ words: ['old'], roomKeys: rooms, limit: 5_000 }))).toHaveLength(
    1_000,
  );
});

test('a file that is no database is refused, and left as it is', async () => {
  const file = await makeFile();
  await makeHistory(file);
  await writeFile(file, 'not a database, but somebody may want it '.repeat(100));
  const before = await readFile(file);
  await expect(openStore(file)).rejects.toMatchObject({
    code: 'corrupt',
    message: expect.stringMatching(
      /history\.sqlite3 cannot be used: .*; restore a copy of it, .* or move it away /,
    ),
  });
  expect((await readFile(file)).equals(before)).toBe(true);
});

test('the database of another program is refused, and left as it is', async () => {
  const file = join(await makeFolder(), 'other.sqlite3');
  withDatabase(file, (database) => database.exec('CREATE TABLE theirs (x); INSERT INTO theirs VALUES (1)'));
  const before = await readFile(file);
  await expect(openStore(file)).rejects.toMatchObject({
    code: 'corrupt',
    message: expect.stringContaining('it is the database of another program'),
  });
  expect((await readFile(file)).equals(before)).toBe(true);
});

test('a file of a newer program is refused, and left as it is', async () => {
  const file = await makeFile();
  await makeHistory(file);
  withDatabase(file, (database) => database.pragma('user_version = 1000'));
  const before = await readFile(file);
  await expect(openStore(file)).rejects.toMatchObject({
    code: 'too-new',
    message: expect.stringContaining('a newer Parley wrote it (it has format 1000, this program knows'),
  });
  expect((await readFile(file)).equals(before)).toBe(true);
});

test('damage inside of the file is found when it is met', async () => {
  const file = await makeFile();
  await makeHistory(file);
  const { size } = await stat(file);
  const handle = await open(file, 'r+');
  // Everything but the header and the schema on the first page.
  await handle.write(Buffer.alloc(size - 4_096, 0xa5), 0, size - 4_096, 4_096);
  await handle.close();
  await expect(openStore(file)).rejects.toMatchObject({ code: 'corrupt' });
});

test('a second server on the same file is refused, and the first one goes on', async () => {
  const file = await makeFile();
  const first = await openStore(file);
  await first.write([createRoom('lobby')]);
  await expect(openStore(file)).rejects.toMatchObject({
    code: 'busy',
    message: expect.stringContaining('another server uses it: stop that one'),
  });
  expect(await first.write([append({ text: 'still here' })])).toMatchObject([{ type: 'appended' }]);
});

test('another program that holds the file makes writes fail, and they go on after it', async () => {
  const file = await makeFile();
  const store = await openStore(file);
  await store.write([createRoom('lobby')]);
  const other = new Database(file);
  onTestFinished(() => void other.close());
  other.exec('BEGIN IMMEDIATE');
  await expect(store.write([append({ text: 'lost' })])).rejects.toMatchObject({
    code: 'busy',
    message: "another program holds the server's history",
  });
  expect((await store.read(EVERYTHING)).entries).toEqual([]);
  other.exec('ROLLBACK');
  expect(await store.write([append({ text: 'kept' })])).toMatchObject([{ type: 'appended', sequence: 1 }]);
});

test('a folder that cannot be made is an error with the way out', async () => {
  const folder = await makeFolder();
  await writeFile(join(folder, 'file'), '');
  await expect(openStore(join(folder, 'file', 'history.sqlite3'))).rejects.toMatchObject({
    code: 'io',
    message: expect.stringMatching(/cannot be used: .*; see that its folder can be written to/),
  });
});

test('may be read and copied by other programs while it is in use', async () => {
  const file = await makeFile();
  const store = await openStore(file);
  await store.write([createRoom('lobby'), append({ text: 'tea' })]);
  const copy = await makeCopy(file);
  await store.close();
  const copied = await openStore(copy);
  expect((await copied.read(EVERYTHING)).entries).toMatchObject([{ text: 'tea' }]);
});

/** A thread that dies of the first write. */
class DoomedThread extends PretendedThread {
  override postMessage(request: SqliteRequest): void {
    if (request.type !== 'write') super.postMessage(request);
    else queueMicrotask(() => this.#die());
  }

  #die(): void {
    this.emit('error', new Error('out of memory'));
    this.emit('exit');
  }
}

test('when its thread dies, what was asked fails, then and later', async () => {
  const store = await openStore(await makeFile(), { startWorker: (data) => new DoomedThread(data) });
  const died = {
    name: 'StoreError',
    code: 'io',
    message: 'the thread that keeps the history ended: out of memory; the server has to be started again',
  };
  await expect(store.write([createRoom('lobby')])).rejects.toMatchObject(died);
  await expect(store.write([append({ text: 'later' })])).rejects.toMatchObject(died);
  await expect(store.close()).resolves.toBeUndefined();
});
