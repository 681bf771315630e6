// What every store of messages promises, whatever it keeps them in.
import { join } from 'node:path';
import { type Nickname, nicknameKey } from '@parley/protocol';
import { describe, expect, onTestFinished, test } from 'vitest';
import { RESEND_MS_MIN } from '../../src/domain/limits.ts';
import type { HistoryStore, Retention } from '../../src/history/history-store.ts';
import { createMemoryHistoryStore } from '../../src/history/memory-store.ts';
import { createSqliteHistoryStore } from '../../src/node/history/sqlite/sqlite-store.ts';
import { append, BEGIN, createRoom, searchFor, userIdOf } from './drafts.ts';
import { PretendedThread } from './pretended-thread.ts';
import { makeFolder } from './temporary-folder.ts';

const stores: readonly { name: string; make: () => Promise<HistoryStore> }[] = [
  { name: 'memory', make: async () => createMemoryHistoryStore() },
  {
    name: 'sqlite',
    make: async () =>
      createSqliteHistoryStore({
        file: join(await makeFolder(), 'history.sqlite3'),
        startWorker: (data) => new PretendedThread(data),
      }),
  },
];

describe.each(stores)('$name', ({ make }) => {
  /** An open store with an empty lobby. */
  async function openStore(): Promise<HistoryStore> {
    const store = await make();
    onTestFinished(() => store.close());
    await store.open();
    await store.write([createRoom('lobby')]);
    return store;
  }

  async function texts(store: HistoryStore, words: readonly string[]): Promise<(string | undefined)[]> {
    return (await store.search(searchFor({ words }))).map(({ text }) => text);
  }

  async function forget(store: HistoryStore, retention: Partial<Retention>, now: number) {
    const [result] = await store.write([
      { type: 'forget', retention: { ageMsMax: undefined, entriesPerRoomMax: undefined, ...retention }, now },
    ]);
    return result;
  }

  const everything = { roomKey: 'lobby', direction: 'after', sequence: 0, limit: 60 } as const;

  // CHAT-LOG-1
  test('numbers the entries of each room without a gap, in the order of the writes', async () => {
    const store = await openStore();
    await store.write([createRoom('kitchen')]);
    const [first, second] = await Promise.all([
      store.write([append({ text: 'a', time: 5 }), append({ room: 'kitchen', text: 'b' })]),
      store.write([append({ text: 'c', time: 3 })]),
    ]);
    expect(first).toEqual([
      { type: 'appended', sequence: 1, time: 5 },
      { type: 'appended', sequence: 1, time: BEGIN },
    ]);
    expect(second).toEqual([{ type: 'appended', sequence: 2, time: 3 }]);
    const { entries, ...place } = await store.read(everything);
    expect(entries.map(({ sequence, text }) => [sequence, text])).toEqual([
      [1, 'a'],
      [2, 'c'],
    ]);
    expect(place).toEqual({ firstSequence: 1, lastSequence: 2 });
  });

  test('keeps every field of an entry', async () => {
    const store = await openStore();
    const operation = append({ user: 'ann', from: 'Änn', text: 'grüße\n\t🦊', id: 'one', time: BEGIN + 1 });
    await store.write([operation]);
    const { entries } = await store.read(everything);
    expect(entries).toEqual([
      {
        sequence: 1,
        time: BEGIN + 1,
        from: 'Änn',
        kind: 'text',
        target: 0,
        editedAt: undefined,
        text: 'grüße\n\t🦊',
        clientMessageId: operation.type === 'append' && operation.entry.clientMessageId,
      },
    ]);
  });

  test('knows its rooms in the order of their creation, and makes none twice', async () => {
    const store = await openStore();
    const users = [
      { userId: userIdOf('ann'), nickname: 'Ann' as Nickname },
      { userId: userIdOf('bob'), nickname: 'Bob' as Nickname },
    ];
    const results = await store.write([
      createRoom('@both', { kind: 'direct', users, epoch: 2 ** 48 }),
      createRoom('lobby', { topic: 'another' }),
      createRoom('attic', { topic: 'dust' }),
    ]);
    expect(results.map(({ type }) => type)).toEqual(['room-created', 'room-exists', 'room-created']);
    await store.write([append({ kind: 'topic', text: 'welcome' }), append({ text: 'hello' })]);
    expect(await store.open()).toEqual([
      { ...stored('lobby'), topic: 'welcome', lastSequence: 2 },
      { ...stored('@both'), kind: 'direct', users, epoch: 2 ** 48 },
      { ...stored('attic'), topic: 'dust' },
    ]);
    await store.write([{ type: 'name-user', userId: userIdOf('bob'), nickname: 'Robert' as Nickname }]);
    expect((await store.open())[1]?.users.map(({ nickname }) => nickname)).toEqual(['Ann', 'Robert']);
    await store.write([append({ kind: 'topic', text: undefined })]);
    expect((await store.open())[0]).toMatchObject({ topic: '', lastSequence: 3 });
  });

  test('refuses what is for a room that there is not', async () => {
    const store = await openStore();
    const results = await store.write([
      append({ room: 'nowhere', text: 'lost' }),
      { type: 'mark-read', roomKey: 'nowhere', userId: userIdOf('ann'), sequence: 1 },
    ]);
    const refused = { type: 'refused', reason: 'room-not-found' };
    expect(results).toEqual([refused, refused]);
    const page = await store.read({ ...everything, roomKey: 'nowhere' });
    expect(page).toEqual({ entries: [], firstSequence: 1, lastSequence: 0 });
    expect(await store.search(searchFor({ roomKeys: ['nowhere'] }))).toEqual([]);
  });

  // CHAT-SAY-4
  test('answers the id of an earlier entry of the same user and room with its place', async () => {
    const store = await openStore();
    await store.write([createRoom('kitchen')]);
    const results = await store.write([
      append({ id: 'same', text: 'first', time: 10 }),
      append({ id: 'same', text: 'again', time: 20 }),
      append({ id: 'same', user: 'bob', text: 'of another user', time: 30 }),
      append({ id: 'same', room: 'kitchen', text: 'in another room', time: 40 }),
    ]);
    expect(results).toEqual([
      { type: 'appended', sequence: 1, time: 10 },
      { type: 'repeated', sequence: 1, time: 10 },
      { type: 'appended', sequence: 2, time: 30 },
      { type: 'appended', sequence: 1, time: 40 },
    ]);
    expect(await store.write([append({ id: 'same', text: 'later' })])).toEqual([
      { type: 'repeated', sequence: 1, time: 10 },
    ]);
  });

  // CHAT-EDIT-1
  test('edits and deletes change a text of the same user, and are entries themselves', async () => {
    const store = await openStore();
    const results = await store.write([
      append({ text: 'teh' }),
      append({ kind: 'edit', target: 1, text: 'the', time: 11, id: 'change' }),
      append({ kind: 'edit', target: 1, user: 'bob', text: 'mine' }),
      append({ kind: 'edit', target: 2, text: 'of an edit' }),
      append({ kind: 'delete', target: 9 }),
      append({ kind: 'edit', target: 1, text: 'the', time: 12, id: 'change' }),
    ]);
    expect(results).toEqual([
      { type: 'appended', sequence: 1, time: BEGIN },
      { type: 'appended', sequence: 2, time: 11 },
      { type: 'refused', reason: 'not-author' },
      { type: 'refused', reason: 'message-not-found' },
      { type: 'refused', reason: 'message-not-found' },
      { type: 'repeated', sequence: 2, time: 11 },
    ]);
    expect((await store.read(everything)).entries).toMatchObject([
      { sequence: 1, text: 'the', editedAt: 11 },
      { sequence: 2, kind: 'edit', target: 1, text: 'the', editedAt: undefined },
    ]);
    await store.write([append({ kind: 'delete', target: 1, time: 13 })]);
    expect((await store.read(everything)).entries).toMatchObject([
      { text: undefined, editedAt: 13 },
      { kind: 'edit' },
      { sequence: 3, kind: 'delete', text: undefined },
    ]);
    const again = await store.write([append({ kind: 'delete', target: 1 })]);
    expect(again).toEqual([{ type: 'refused', reason: 'message-not-found' }]);
  });

  // CHAT-HISTORY-1
  test.each([
    ['after', 0, 2, [1, 2]],
    ['after', 4, 60, [5]],
    ['after', 5, 60, []],
    ['after', 99, 60, []],
    ['before', 6, 2, [4, 5]],
    ['before', 2, 60, [1]],
    ['before', 1, 60, []],
    ['before', 99, 3, [3, 4, 5]],
  ] as const)('reads %s %i at most %i entries', async (direction, sequence, limit, expected) => {
    const store = await openStore();
    await store.write(['a', 'b', 'c', 'd', 'e'].map((text) => append({ text })));
    const { entries } = await store.read({ roomKey: 'lobby', direction, sequence, limit });
    expect(entries.map((entry) => entry.sequence)).toEqual(expected);
  });

  // CHAT-SEARCH-1
  test('finds texts that hold all words, whatever their case and accents, the newest first', async () => {
    const store = await openStore();
    await store.write([
      append({ text: 'Un Café, noir!', time: 30 }),
      append({ text: 'cafe blanc', time: 20 }),
      append({ text: 'cafeteria', time: 10 }),
      append({ kind: 'topic', text: 'cafe' }),
    ]);
    expect(await texts(store, ['CAFÉ'])).toEqual(['cafe blanc', 'Un Café, noir!']);
    expect(await texts(store, ['noir', 'café'])).toEqual(['Un Café, noir!']);
    expect(await texts(store, ['café noir'])).toEqual(['Un Café, noir!']);
    expect(await texts(store, ['tea'])).toEqual([]);
    expect(await texts(store, ['"', '!'])).toHaveLength(3);
  });

  // CHAT-SEARCH-1
  test('finds the words of a phrase one behind the other only', async () => {
    const store = await openStore();
    await store.write(
      ['the red red needle, in the haystack', 'needle: the red one', 'red'].map((text) => append({ text })),
    );
    expect(await texts(store, ['red needle'])).toEqual(['the red red needle, in the haystack']);
    expect(await texts(store, ['needle the'])).toEqual(['needle: the red one']);
    expect(await texts(store, ['needle', 'the red'])).toHaveLength(2);
    expect(await texts(store, ['the-haystack'])).toEqual(['the red red needle, in the haystack']);
    expect(await texts(store, ['haystack the'])).toEqual([]);
    expect(await texts(store, ['needle in a'])).toEqual([]);
  });

  test.each([
    ['Straße', 'straße'],
    ['ΣΊΣΥΦΟΣ', 'σίσυφος'],
    ['Ⅷ ½', 'Ⅷ'],
    ['日本語', '日本語'],
    ['naïve_snake-case', 'snake'],
    ['𐐀deseret', '𐐨deseret'],
  ])('finds %s by %s', async (text, word) => {
    const store = await openStore();
    await store.write([append({ text }), append({ text: 'something else' })]);
    expect(await texts(store, [word])).toEqual([text]);
  });

  test('is not led astray by words that look like the language of an index', async () => {
    const store = await openStore();
    await store.write([
      append({ text: 'NEAR OR AND NOT room 1' }),
      append({ text: 'room_1 from_616e6e file_' }),
    ]);
    expect(await texts(store, ['OR'])).toEqual(['NEAR OR AND NOT room 1']);
    expect(await texts(store, ['NOT', 'near*'])).toEqual(['NEAR OR AND NOT room 1']);
    expect(await texts(store, ['room_1'])).toEqual(['room_1 from_616e6e file_', 'NEAR OR AND NOT room 1']);
    expect(await texts(store, ['file_'])).toEqual(['room_1 from_616e6e file_']);
  });

  // CHAT-SEARCH-2
  test('filters by author, times, rooms and files', async () => {
    const store = await openStore();
    await store.write([
      createRoom('kitchen', { epoch: 8 }),
      append({ text: 'one', time: 10 }),
      append({ text: 'two file:a.txt', user: 'bob', from: 'Bob', time: 20 }),
      append({ text: 'three', room: 'kitchen', user: 'bob', from: 'BOB', time: 30 }),
      append({ text: 'profile:no', time: 40 }),
    ]);
    const find = async (more: Parameters<typeof searchFor>[0]) =>
      (await store.search(searchFor(more))).map(({ text }) => text);
    const both = ['lobby', 'kitchen'];
    expect(await find({ from: nicknameKey('bOB' as Nickname), roomKeys: both })).toEqual([
      'three',
      'two file:a.txt',
    ]);
    expect(await find({ after: 20, before: 40, roomKeys: both })).toEqual(['three', 'two file:a.txt']);
    expect(await find({ hasFile: true })).toEqual(['two file:a.txt']);
    expect(await find({ roomKeys: ['kitchen'] })).toEqual(['three']);
    const [hit] = await store.search(searchFor({ roomKeys: ['kitchen'] }));
    expect(hit).toMatchObject({ room: 'kitchen', epoch: 8, sequence: 1, from: 'BOB', time: 30 });
  });

  test('searches more rooms than any user is in', async () => {
    const store = await openStore();
    const roomKeys = Array.from({ length: 1_200 }, (_, index) => `room${index}`);
    await store.write([...roomKeys.map((key) => createRoom(key)), append({ room: 'room777', text: 'here' })]);
    expect(await store.search(searchFor({ words: ['here'], roomKeys }))).toHaveLength(1);
  });

  test('gives a search page by page', async () => {
    const store = await openStore();
    await store.write([1, 2, 3, 4, 5].map((number) => append({ text: `tea ${number}` })));
    const page = async (offset: number) =>
      (await store.search(searchFor({ words: ['tea'], offset, limit: 2 }))).map(({ sequence }) => sequence);
    expect([await page(0), await page(2), await page(4), await page(6)]).toEqual([[5, 4], [3, 2], [1], []]);
  });

  test('finds a text by what it was changed to, and no longer by what it was', async () => {
    const store = await openStore();
    await store.write([
      append({ text: 'teh tea', from: 'Ann' }),
      append({ kind: 'edit', target: 1, text: 'the tea' }),
    ]);
    expect(await texts(store, ['teh'])).toEqual([]);
    expect(await texts(store, ['the'])).toEqual(['the tea']);
    const byAuthor = await store.search(searchFor({ from: nicknameKey('ann' as Nickname) }));
    expect(byAuthor).toHaveLength(1);
    await store.write([append({ kind: 'delete', target: 1 })]);
    expect(await texts(store, ['the'])).toEqual([]);
  });

  // CHAT-HISTORY-4
  test('forgets from the oldest on, by number', async () => {
    const store = await openStore();
    await store.write(['a', 'b', 'c', 'd'].map((text) => append({ text })));
    expect(await forget(store, { entriesPerRoomMax: 4 }, BEGIN)).toEqual(forgotten([]));
    const firsts = [{ roomKey: 'lobby', firstSequence: 3 }];
    expect(await forget(store, { entriesPerRoomMax: 2 }, BEGIN)).toEqual(forgotten(firsts));
    const { entries, ...place } = await store.read(everything);
    expect(entries.map(({ text }) => text)).toEqual(['c', 'd']);
    expect(place).toEqual({ firstSequence: 3, lastSequence: 4 });
    expect(await texts(store, ['a'])).toEqual([]);
    expect(await store.write([append({ kind: 'edit', target: 2, text: 'gone' })])).toEqual([
      { type: 'refused', reason: 'message-not-found' },
    ]);
    expect((await store.read({ ...everything, direction: 'before', sequence: 4 })).entries).toHaveLength(1);
  });

  test('forgets by age, and stops at the first that is young', async () => {
    const store = await openStore();
    await store.write([10, 20, 90, 30].map((time) => append({ text: `at ${time}`, time })));
    const firsts = [{ roomKey: 'lobby', firstSequence: 3 }];
    expect(await forget(store, { ageMsMax: 50 }, 100)).toEqual(forgotten(firsts));
    expect(await forget(store, { ageMsMax: 50 }, 140)).toEqual(forgotten([]));
    expect(await forget(store, { ageMsMax: 50 }, 141)).toEqual(
      forgotten([{ roomKey: 'lobby', firstSequence: 5 }]),
    );
    expect(await store.read(everything)).toEqual({ entries: [], firstSequence: 5, lastSequence: 4 });
    expect(await store.write([append({ text: 'next' })])).toMatchObject([{ sequence: 5 }]);
  });

  test('remembers the id of a message for a day, whatever becomes of the message', async () => {
    const store = await openStore();
    await store.write([append({ id: 'same', text: 'old' })]);
    await forget(store, { entriesPerRoomMax: 0 }, BEGIN + RESEND_MS_MIN);
    expect((await store.read(everything)).entries).toEqual([]);
    expect(await store.write([append({ id: 'same', text: 'again' })])).toMatchObject([{ type: 'repeated' }]);
    await forget(store, {}, BEGIN + RESEND_MS_MIN + 1);
    expect(await store.write([append({ id: 'same', text: 'again' })])).toMatchObject([
      { type: 'appended', sequence: 2 },
    ]);
  });

  // CHAT-READ-1
  test('moves read markers forward only', async () => {
    const store = await openStore();
    await store.write([createRoom('kitchen')]);
    const mark = async (sequence: number) =>
      (await store.write([{ type: 'mark-read', roomKey: 'lobby', userId: userIdOf('ann'), sequence }]))[0];
    expect(await mark(4)).toEqual({ type: 'marked', sequence: 4 });
    expect(await mark(2)).toEqual({ type: 'marked', sequence: 4 });
    expect(await mark(5)).toEqual({ type: 'marked', sequence: 5 });
    expect(await store.readMarkers(userIdOf('ann'), ['kitchen', 'lobby', 'nowhere'])).toEqual([0, 5, 0]);
    expect(await store.readMarkers(userIdOf('bob'), ['lobby'])).toEqual([0]);
  });

  test('an id that is part of a large buffer is kept alone', async () => {
    const store = await openStore();
    const frame = new Uint8Array(65_536).fill(9);
    const operation = append({ text: 'framed' });
    if (operation.type !== 'append') throw new Error('an append was expected');
    const clientMessageId = frame.subarray(100, 116) as typeof operation.entry.clientMessageId;
    await store.write([{ type: 'append', entry: { ...operation.entry, clientMessageId } }]);
    const [entry] = (await store.read(everything)).entries;
    expect(entry?.clientMessageId).toEqual(new Uint8Array(16).fill(9));
  });

  test('a closed store says so, and may be closed twice', async () => {
    const store = await openStore();
    await store.close();
    await store.close();
    const closed = { name: 'StoreError', code: 'closed' };
    await expect(store.open()).rejects.toMatchObject(closed);
    await expect(store.write([append({ text: 'late' })])).rejects.toMatchObject(closed);
    await expect(store.read(everything)).rejects.toMatchObject(closed);
    await expect(store.search(searchFor({}))).rejects.toMatchObject(closed);
    await expect(store.readMarkers(userIdOf('ann'), [])).rejects.toMatchObject(closed);
  });
});

/** A room as a store gives it. */
function stored(key: string) {
  return {
    name: key,
    key,
    kind: 'public',
    users: [],
    topic: '',
    epoch: 7,
    firstSequence: 1,
    lastSequence: 0,
  };
}

function forgotten(firsts: readonly { readonly roomKey: string; readonly firstSequence: number }[]) {
  return { type: 'forgotten', firsts, hasMore: false };
}
