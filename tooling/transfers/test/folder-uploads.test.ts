// A folder, from the client's disk to the server's: chat server, UDP, both threads' engines.
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FOLDER_FILE_BYTES_MAX } from '@parley/protocol';
import { expect, test } from 'vitest';
import { openPlace, tree } from './folder-place.ts';

/** A server that takes files, and a folder that is full of what is hard to keep. */
async function openPhotos() {
  const place = await openPlace('all');
  const photos = join(place.own, 'photos');
  mkdirSync(join(photos, 'in ner'), { recursive: true });
  for (let index = 0; index < 200; index += 1)
    writeFileSync(join(photos, 'in ner', `small-${index}`), `${index}`);
  writeFileSync(join(photos, 'run 🦜.sh'), '#!/bin/sh');
  chmodSync(join(photos, 'run 🦜.sh'), 0o755);
  writeFileSync(join(photos, 'empty'), '');
  writeFileSync(join(photos, 'large'), randomBytes(1_000));
  // Sparse: the disk has nothing to do.
  truncateSync(join(photos, 'large'), FOLDER_FILE_BYTES_MAX + 1);
  for (const name of readdirSync(photos, { recursive: true, encoding: 'utf8' })) {
    utimesSync(join(photos, name), 1_000_000, 1_000_000);
  }
  return { ...place, photos };
}

// CHAT-FOLDER-8, CHAT-FOLDER-9, CHAT-FOLDER-10, CHAT-FOLDER-11
test('a folder goes up whole, with modes and times, is announced in one line, and comes down by its name', async () => {
  const { share, own, photos, connect } = await openPhotos();
  const ann = await connect('ann');
  const room = ann.server?.room as string;
  const bob = await connect('bob');
  const told = new Promise<string | undefined>((resolve) => {
    bob.on('message', ({ message }) => resolve(message.text));
  });
  const { finished } = await ann.upload('photos/', { room });
  const transfer = await finished;
  expect(transfer).toMatchObject({ state: 'completed', name: 'photos/', leftOut: [], resumedBytes: 0 });
  expect(tree(join(share, 'photos'))).toEqual(tree(photos));
  const bytes = tree(photos).reduce((sum, { text = '' }) => sum + text.length, 0);
  expect(await told).toBe(`file:photos/ (203 files, ${bytes} bytes)`);
  const download = await bob.download('photos/', join(own, 'again'));
  expect((await download.finished).state).toBe('completed');
  expect(tree(join(own, 'again'))).toEqual(tree(photos));
});

// CHAT-FOLDER-9, CHAT-LIST-4
test('what is hidden, and what leads out, stays at home and is told', async () => {
  const { share, photos, connect } = await openPhotos();
  writeFileSync(join(photos, '.secret'), 'x');
  symlinkSync(tmpdir(), join(photos, 'out'));
  symlinkSync('empty', join(photos, 'inner link'));
  const { finished } = await (await connect('ann')).upload('photos');
  expect((await finished).leftOut.toSorted()).toEqual(['.secret', 'out']);
  expect(readdirSync(join(share, 'photos')).toSorted()).toEqual(
    ['empty', 'in ner', 'inner link', 'large', 'run 🦜.sh'].toSorted(),
  );
});

// CHAT-FOLDER-8, CHAT-UPLOAD-2
test('a folder whose name is taken is refused, and nothing is touched', async () => {
  const { share, connect } = await openPhotos();
  mkdirSync(join(share, 'Photos'));
  writeFileSync(join(share, 'Photos', 'kept'), 'x');
  const { finished } = await (await connect('ann')).upload('photos/');
  expect((await finished).failure?.code).toBe('file-exists');
  expect(tree(share).map(({ name }) => name)).toEqual(['Photos', 'Photos/kept']);
});

// CHAT-SEND-1, CHAT-SEND-2, CHAT-SEND-3, CHAT-SEND-4, CHAT-FOLDER-8
test('a folder is sent to one user, who fetches it whole, with modes and times, and nobody else can', async () => {
  const { share, own, photos, connect } = await openPhotos();
  const [ann, bob, eve] = [await connect('ann'), await connect('bob'), await connect('eve')];
  const { finished } = await ann.send('bob', 'photos/', 'my photos');
  expect(await finished).toMatchObject({ state: 'completed', name: 'my photos/' });
  expect(await bob.files()).toEqual([]);
  const [item] = await bob.sent.list();
  const bytes = tree(photos).reduce((sum, { text = '' }) => sum + text.length, 0);
  expect(item).toMatchObject({ from: 'ann', size: bytes, files: 203 });
  const name = item?.name as string;
  expect(name).toMatch(/^@[0-9a-f]{32}\/my photos\/$/);
  for (const path of [name, `${name}empty`]) {
    const stolen = await (await eve.download(path, join(own, 'stolen'))).finished;
    expect(stolen).toMatchObject({ state: 'failed', failure: { code: 'file-not-found' } });
  }
  await expect(eve.sent.discard(name)).rejects.toMatchObject({ code: 'file-not-found' });
  const download = await bob.download(name, join(own, 'taken'), 'ann');
  expect((await download.finished).state).toBe('completed');
  expect(tree(join(own, 'taken'))).toEqual(tree(photos));
  await bob.sent.discard(name);
  expect(await bob.sent.list()).toEqual([]);
  expect(readdirSync(join(share, '.parley-sent'))).toEqual([]);
});
