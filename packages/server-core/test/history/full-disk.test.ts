// A disk that really has no room: a small file system in memory, which only root can make.
import { spawnSync } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { StoreError } from '../../src/history/history-store.ts';
import { append, createRoom } from './drafts.ts';
import { openStore, withDatabase } from './file-store.ts';
import { makeFolder } from './temporary-folder.ts';

const DISK_BYTES = 3_000_000;
const BALLAST_BYTES = 1_000_000;
const longText = 'x'.repeat(4_000);

/** A folder on a disk of its own; `undefined` where this user cannot make one. */
async function makeSmallDisk(): Promise<string | undefined> {
  const folder = await makeFolder();
  const options = ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', folder];
  if (process.platform !== 'linux' || spawnSync('mount', options).status !== 0) return undefined;
  onTestFinished(() => void spawnSync('umount', ['--lazy', folder]));
  return folder;
}

// CHAT-LOG-3
test('on a full disk nothing that was confirmed is lost, and it goes on when there is room', async (context) => {
  const folder = await makeSmallDisk();
  if (folder === undefined) return context.skip('this needs the right to mount');
  const ballast = join(folder, 'ballast');
  await writeFile(ballast, Buffer.alloc(BALLAST_BYTES));
  const file = join(folder, 'history.sqlite3');
  const store = await openStore(file);
  await store.write([createRoom('lobby')]);
  let confirmed = 0;
  let trouble: StoreError | undefined;
  while (trouble === undefined) {
    const write = store.write([append({ text: `${confirmed + 1} ${longText}`, id: `${confirmed + 1}` })]);
    await write.then(
      () => {
        confirmed += 1;
      },
      (error) => {
        trouble = error;
      },
    );
    expect(confirmed * longText.length).toBeLessThan(DISK_BYTES);
  }
  expect(trouble).toMatchObject({ code: 'disk-full', message: "the disk of the server's history is full" });
  await rm(ballast);
  expect(await store.write([append({ text: 'there is room', id: 'room' })])).toMatchObject([
    { type: 'appended', sequence: confirmed + 1 },
  ]);
  await store.close();
  expect(withDatabase(file, (database) => database.pragma('integrity_check', { simple: true }))).toBe('ok');
  const again = await openStore(file);
  const query = { roomKey: 'lobby', direction: 'after', sequence: 0, limit: confirmed + 2 } as const;
  const { entries } = await again.read(query);
  expect(entries.map(({ text }) => text?.split(' ')[0])).toEqual([
    ...Array.from({ length: confirmed }, (_, index) => `${index + 1}`),
    'there',
  ]);
});

test('a disk without room for a new history is told at the start', async (context) => {
  const folder = await makeSmallDisk();
  if (folder === undefined) return context.skip('this needs the right to mount');
  await writeFile(join(folder, 'ballast'), Buffer.alloc(DISK_BYTES)).catch(() => {});
  await expect(openStore(join(folder, 'history.sqlite3'))).rejects.toMatchObject({
    code: 'disk-full',
    message: expect.stringMatching(/cannot be used: .*; make room on its disk$/),
  });
});
