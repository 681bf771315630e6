// The index follows what is written: a search finds everything meanwhile, and nothing else.
import { expect, onTestFinished, test } from 'vitest';
import { RESEND_MS_MIN } from '../../src/domain/limits.ts';
import type { StoreOperation } from '../../src/history/history-store.ts';
import { openDatabase } from '../../src/node/history/sqlite/open-database.ts';
import { packOperations } from '../../src/node/history/sqlite/packed-batch.ts';
import { SqliteReader } from '../../src/node/history/sqlite/sqlite-reader.ts';
import { SqliteWriter } from '../../src/node/history/sqlite/sqlite-writer.ts';
import { append, BEGIN, createRoom, searchFor } from './drafts.ts';
import { makeFile, withDatabase } from './file-store.ts';

const INDEXING = { entriesAtATime: 4, unindexedMax: 8 };

/** A history in this thread. */
async function openHistory(more: { readonly file?: string; readonly pagesMax?: number } = {}) {
  const { file = await makeFile(), pagesMax } = more;
  const { database, close } = openDatabase({
    file,
    role: 'write',
    durability: 'normal',
    busyTimeoutMs: 0,
    pagesMax,
  });
  onTestFinished(() => {
    if (database.open) close();
  });
  const writer = new SqliteWriter(database, INDEXING);
  const reader = new SqliteReader(database);
  return {
    file,
    close,
    /** From now on the disk has no more room than so many pages beyond what the file has. */
    limitRoom: (pages: number) => {
      const used = Number(database.pragma('page_count', { simple: true }));
      database.pragma(`max_page_count = ${used + pages}`);
    },
    tidyUp: () => writer.tidyUp(),
    write: (...operations: StoreOperation[]) => writer.write(packOperations(operations)),
    /** Each in a pack of its own. */
    writeEach: (...operations: StoreOperation[]) => {
      for (const operation of operations) writer.write(packOperations([operation]));
    },
    /** Numbers of the entries that a search finds. */
    find: (word: string, more = {}) =>
      reader.search(searchFor({ words: [word], ...more })).map(({ sequence }) => sequence),
    /** How many entries each pack has. */
    packs: () => database.prepare('SELECT entries FROM packs ORDER BY id').pluck().all(),
    /** How many packs have this word in the index. */
    indexed: (word: string) =>
      database
        .prepare('SELECT count(*) FROM entry_words WHERE entry_words MATCH ?')
        .pluck()
        .get(word) as number,
  };
}

const said = (count: number, text = 'tea') => Array.from({ length: count }, () => append({ text }));

// CHAT-SEARCH-1
test('finds what is in the index and what is not there yet, in pages, the newest first', async () => {
  const { writeEach, tidyUp, find, indexed } = await openHistory();
  writeEach(createRoom('lobby'), ...said(6));
  expect(indexed('tea')).toBe(0);
  expect(tidyUp()).toBe(false);
  expect(indexed('tea')).toBe(4);
  expect(find('tea')).toEqual([6, 5, 4, 3, 2, 1]);
  expect(find('tea', { limit: 3, offset: 1 })).toEqual([5, 4, 3]);
  expect(find('tea', { limit: 3, offset: 3 })).toEqual([3, 2, 1]);
  expect(find('tea', { roomKeys: ['kitchen'] })).toEqual([]);
});

test('waits for the index when too much is not in it', async () => {
  const { write, writeEach, indexed } = await openHistory();
  writeEach(createRoom('lobby'), ...said(9));
  expect(indexed('tea')).toBe(0);
  write(append({ text: 'cake' }));
  expect(indexed('tea')).toBe(4);
});

// CHAT-EDIT-1
test('finds the text that an entry has now, whichever side of the index it is on', async () => {
  const { write, writeEach, tidyUp, find, indexed } = await openHistory();
  writeEach(createRoom('lobby'), ...said(6));
  tidyUp();
  write(append({ kind: 'edit', target: 2, text: 'cake' }), append({ kind: 'edit', target: 5, text: 'cake' }));
  write(append({ kind: 'delete', target: 3 }), append({ kind: 'delete', target: 6 }));
  expect(find('tea')).toEqual([4, 1]);
  expect(find('cake')).toEqual([5, 2]);
  while (tidyUp());
  write(...said(2, 'more'));
  tidyUp();
  expect(find('tea')).toEqual([4, 1]);
  expect(find('cake')).toEqual([5, 2]);
  expect(indexed('cake')).toBe(2);
});

// CHAT-EDIT-1
test('edits that come together lie in one pack, also of what came with them', async () => {
  const { write, find, packs } = await openHistory();
  write(createRoom('lobby'), ...said(3));
  const edits = [1, 2, 3, 1].map((target) => append({ kind: 'edit', target, text: 'cake' }));
  write(...edits, append({ text: 'tea' }), append({ kind: 'edit', target: 8, text: 'cake' }));
  expect(find('cake')).toEqual([8, 3, 2, 1]);
  expect(packs()).toEqual([3, 5, 1]);
});

// CHAT-HISTORY-4
test('what is forgotten before it was in the index never comes in', async () => {
  const { write, writeEach, tidyUp, find, indexed } = await openHistory();
  const retention = { ageMsMax: undefined, entriesPerRoomMax: 0 };
  write(createRoom('lobby'), ...said(5), { type: 'forget', retention, now: BEGIN });
  tidyUp();
  writeEach(...said(4, 'cake'));
  tidyUp();
  expect([indexed('tea'), indexed('cake')]).toEqual([0, 4]);
  expect(find('cake')).toEqual([9, 8, 7, 6]);
});

test('a batch that was undone leaves nothing out of the index', async () => {
  const { write, writeEach, tidyUp, indexed } = await openHistory({ pagesMax: 60 });
  write(createRoom('lobby'));
  const tooMuch = Array.from({ length: 100 }, () => append({ text: 'x'.repeat(4_000) }));
  expect(() => write(...said(6), ...tooMuch)).toThrow('full');
  tidyUp();
  writeEach(...said(4, 'cake'));
  tidyUp();
  expect(indexed('cake')).toBe(4);
});

// CHAT-SAY-4, CHAT-SEARCH-1
test('on a full disk, or a locked one, what waits for the index is found all the same, and goes there later', async () => {
  const { file, write, tidyUp, find, limitRoom } = await openHistory();
  const message = (number: number) =>
    append({
      text: `tea ${Array.from({ length: 100 }, (_, index) => number * 100 + index).join(' ')}`,
      id: `${number}`,
    });
  write(createRoom('lobby'), ...Array.from({ length: 200 }, (_, number) => message(number)));
  const expectAll = () => {
    expect(find('tea', { limit: 300 })).toHaveLength(200);
    for (const number of [0, 63, 64, 199])
      expect(write(message(number))).toMatchObject([{ type: 'repeated', sequence: number + 1 }]);
  };
  limitRoom(0);
  expect(() => {
    while (tidyUp());
  }).toThrow('full');
  expect(find('tea', { limit: 300 })).toHaveLength(200);
  limitRoom(1_000);
  withDatabase(file, (other) => {
    other.exec('BEGIN IMMEDIATE');
    expect(tidyUp).toThrow('locked');
  });
  expectAll();
  while (tidyUp());
  expectAll();
});

test('goes on where it was when the history is opened again', async () => {
  const { file, writeEach, tidyUp, close } = await openHistory();
  writeEach(createRoom('lobby'), ...said(6));
  tidyUp();
  close();
  const again = await openHistory({ file });
  again.writeEach(...said(2));
  again.tidyUp();
  expect(again.indexed('tea')).toBe(8);
  expect(again.find('tea')).toHaveLength(8);
});

// CHAT-SAY-4
test('numbers of packs that are gone are not given again, or the ids of what has them would count as forgotten', async () => {
  const { file, write, close } = await openHistory();
  const later = BEGIN + RESEND_MS_MIN + 1;
  const retention = { ageMsMax: undefined, entriesPerRoomMax: 0 };
  write(createRoom('lobby'), ...said(2));
  // Their ids first, then what is left of them.
  for (const now of [later, later + 1]) write({ type: 'forget', retention, now });
  close();
  const again = await openHistory({ file });
  const message = append({ text: 'tea', id: 'same', time: later });
  expect(again.write(message)).toMatchObject([{ type: 'appended', sequence: 3 }]);
  expect(again.write(message)).toMatchObject([{ type: 'repeated', sequence: 3 }]);
});
