// When a history in a file has to begin another epoch: when numbers that clients have seen could be given to other entries.
import { copyFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { append, createRoom } from './drafts.ts';
import { makeCopy, makeFile, makeHistory, openStore, withDatabase } from './file-store.ts';

/** Tells the file that the last run was not closed, and in which life of the system it was. */
function pretendKill(file: string, durability: string, boot: string | null): void {
  withDatabase(file, (database) => {
    const run = JSON.parse(
      database.prepare("SELECT value FROM about WHERE name = 'run'").pluck().get() as string,
    );
    const changed = JSON.stringify({
      ...run,
      isOpen: true,
      durability,
      ...(boot === 'this one' ? {} : { boot }),
    });
    database.prepare("UPDATE about SET value = ? WHERE name = 'run'").run(changed);
  });
}

// CHAT-LOG-1
test.each([
  ['full', 'this one', true],
  ['full', 'another one', true],
  ['normal', 'another one', false],
  ['normal', null, false],
] as const)(
  'after an end without warning with %s durability, in a life of the system that was %s, the epoch stays: %s',
  async (durability, boot, stays) => {
    const file = await makeFile();
    await makeHistory(file);
    pretendKill(file, durability, boot);
    const [room] = await (await openStore(file)).open();
    expect(room?.epoch === 7).toBe(stays);
    expect(room?.lastSequence).toBe(1);
  },
);

test.runIf(process.platform === 'linux')(
  'a kill with normal durability keeps the epoch, for the system has everything',
  async () => {
    const file = await makeFile();
    await makeHistory(file);
    pretendKill(file, 'normal', 'this one');
    expect((await (await openStore(file)).open())[0]?.epoch).toBe(7);
  },
);

// CHAT-LOG-1
test.each(['in the place of the later one', 'where none was'])('a copy is known as one %s', async (place) => {
  const file = await makeFile();
  const store = await openStore(file);
  await store.write([createRoom('lobby'), append({ text: 'first' })]);
  const copy = await makeCopy(file);
  await store.write([append({ text: 'not in the copy' })]);
  await store.close();
  const restored = place === 'where none was' ? `${file}.elsewhere` : file;
  await copyFile(copy, restored);
  const [room] = await (await openStore(restored)).open();
  expect(room).toMatchObject({ key: 'lobby', lastSequence: 1 });
  expect(room?.epoch).not.toBe(7);
});
