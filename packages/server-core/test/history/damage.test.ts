// A history that came to harm while no server had it: it is refused at the start, with the way out, and left as it is.
import { open, readFile, stat, truncate } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { append, createRoom } from './drafts.ts';
import { makeFile, openStore } from './file-store.ts';

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
  await expect(openStore(file)).rejects.toMatchObject({
    name: 'StoreError',
    code: 'corrupt',
    message: expect.stringMatching(
      /^the history .* cannot be used: .*; restore a copy of it, save what can be read .*, or move it away to begin a new history$/,
    ),
  });
  expect((await readFile(file)).equals(before)).toBe(true);
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
