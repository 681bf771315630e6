// A history that came to harm while no server had it: it is refused at the start, with the way out, and left as it is.
import { open, readFile, stat, truncate } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { append, createRoom, searchFor } from './drafts.ts';
import { makeFile, openStore, withDatabase } from './file-store.ts';

const PAGE_BYTES = 4_096;

/** A history of some dozens of pages, closed in order. */
async function makeLongHistory(): Promise<{ file: string; pages: number }> {
  const file = await makeFile();
  const store = await openStore(file);
  await store.write([createRoom('lobby')]);
  const entries = Array.from({ length: 300 }, (_, index) =>
    append({ text: `message ${index} of tea and cake`, id: `${index}` }),
  );
  await store.write(entries);
  await store.close();
  return { file, pages: (await stat(file)).size / PAGE_BYTES };
}

async function spoil(file: string, offset: number, byteCount: number): Promise<void> {
  const handle = await open(file, 'r+');
  await handle.write(Buffer.alloc(byteCount, 0xa5), 0, byteCount, offset);
  await handle.close();
}

async function expectRefusal(file: string): Promise<void> {
  const before = await readFile(file);
  await expectAdvice(file);
  expect((await readFile(file)).equals(before)).toBe(true);
}

async function expectAdvice(file: string): Promise<void> {
  await expect(openStore(file)).rejects.toMatchObject({
    name: 'StoreError',
    code: 'corrupt',
    message: expect.stringMatching(
      /^the history .* cannot be used: .*; restore a copy of it, save what can be read .*, or move it away to begin a new history$/,
    ),
  });
}

test.each([
  ['the header', () => [0, 16]],
  ['the first page', () => [0, PAGE_BYTES]],
  ['a page in the middle', (pages: number) => [Math.floor(pages / 2) * PAGE_BYTES, PAGE_BYTES]],
  ['the page before the last', (pages: number) => [(pages - 2) * PAGE_BYTES, PAGE_BYTES]],
  ['the last page', (pages: number) => [(pages - 1) * PAGE_BYTES, PAGE_BYTES]],
] as const)('damage to %s is told at the start', async (_, place) => {
  const { file, pages } = await makeLongHistory();
  const [offset, byteCount] = place(pages) as [number, number];
  await spoil(file, offset, byteCount);
  await expectRefusal(file);
});

test('a file whose end is missing is told at the start', async () => {
  const { file, pages } = await makeLongHistory();
  await truncate(file, (pages - 1) * PAGE_BYTES);
  await expectRefusal(file);
});

test('one that is whole is taken', async () => {
  const { file } = await makeLongHistory();
  const store = await openStore(file);
  expect(await store.write([append({ text: 'more', id: 'more' })])).toMatchObject([{ sequence: 301 }]);
});

/** Changes the bytes of all packs behind the store's back. */
function spoilPacks(file: string, spoil: (content: Buffer) => Uint8Array): void {
  withDatabase(file, (database) => {
    const packs = database
      .prepare<[], { id: number; content: Buffer }>('SELECT id, content FROM packs')
      .all();
    for (const { id, content } of packs)
      database.prepare('UPDATE packs SET content = ? WHERE id = ?').run(spoil(content), id);
  });
}

// What SQLite itself does not notice.
test.each([
  ['zeros', (content) => Buffer.alloc(content.length)],
  ['half of it', (content) => content.subarray(0, content.length / 2)],
  ['other lengths', (content) => content.map((byte, index) => (index % 16 === 1 ? byte + 1 : byte))],
] as const satisfies readonly (readonly [string, (content: Buffer) => Uint8Array])[])(
  'where a pack has %s, nobody is told that there is nothing, and the rest goes on',
  async (_, damage) => {
    const file = await makeFile();
    const store = await openStore(file, { indexing: { entriesAtATime: 1, unindexedMax: 0 } });
    await store.write([createRoom('lobby'), createRoom('kitchen')]);
    const said = Array.from({ length: 40 }, () => [
      append({ text: 'tea' }),
      append({ text: 'tea', room: 'kitchen' }),
    ]);
    await store.write(said.flat());
    // What waited for the index goes there before the next batch.
    await store.write([]);
    await store.write([]);
    spoilPacks(file, damage);
    const told = { code: 'corrupt', message: "the server's history is damaged" };
    for (const roomKey of ['lobby', 'kitchen']) {
      const page = { roomKey, direction: 'before', sequence: 41, limit: 50 } as const;
      await expect(store.read(page)).rejects.toMatchObject(told);
      await expect(store.search(searchFor({ words: ['tea'], roomKeys: [roomKey] }))).rejects.toMatchObject(
        told,
      );
    }
    await expect(store.write([append({ kind: 'delete', target: 1 })])).rejects.toMatchObject(told);
    expect(await store.write([append({ text: 'more' })])).toMatchObject([{ type: 'appended', sequence: 41 }]);
    expect(await store.read({ roomKey: 'lobby', direction: 'after', sequence: 40, limit: 5 })).toMatchObject({
      entries: [{ text: 'more' }],
    });
  },
);

test('a damaged pack whose ids are not in their table yet is told at the start', async () => {
  const { file } = await makeLongHistory();
  spoilPacks(file, (content) => content.subarray(1));
  await expectAdvice(file);
});
