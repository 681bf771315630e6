// A folder, from the server's disk to the client's: chat server, UDP, both threads' engines.
import { mkdirSync, readdirSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FOLDER_FILE_BYTES_MAX } from '@parley/protocol';
import { expect, test } from 'vitest';
import { openPlace, tree } from './folder-place.ts';

/** What a folder's download keeps of it. */
function kept(folder: string) {
  return tree(folder).map(({ name, time, text }) => ({ name, time, text }));
}

/** Names that a file system takes and nobody expects, and sizes around every limit. */
function fill(folder: string): void {
  mkdirSync(join(folder, 'deep', 'er'), { recursive: true });
  const sizes = [0, 1, 262_143, 262_144, 262_145, FOLDER_FILE_BYTES_MAX + 1];
  for (const size of sizes) {
    writeFileSync(join(folder, 'deep', `${size} bytes`), '');
    // Sparse: the disk has nothing to do.
    truncateSync(join(folder, 'deep', `${size} bytes`), size);
  }
  const names = [
    'with spaces  ',
    '🦜 emoji 👩‍👩‍👧',
    '\u00e9 and e\u0301',
    `${'n'.repeat(251)}.txt`,
    '"quoted" $(touch x)',
    '-rf',
    'CON',
  ];
  for (const name of names) writeFileSync(join(folder, 'deep', 'er', name), name);
  for (let index = 0; index < 300; index += 1) writeFileSync(join(folder, `small-${index}`), `${index}`);
  // Whole milliseconds, as the list has them.
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
    utimesSync(join(folder, name), 1_600_000_000, 1_600_000_000.25);
}

// CHAT-FOLDER-1, CHAT-FOLDER-3
test('a folder comes as it is, large files and odd names too, and costs nothing a second time', async () => {
  const { share, own: downloads, connect } = await openPlace();
  const folder = join(share, 'docs');
  mkdirSync(folder);
  fill(folder);
  // What is not served does not come.
  writeFileSync(join(share, 'docs', '.hidden'), '');
  writeFileSync(join(share, 'docs', 'new\nline'), '');
  const client = await connect('ann');
  const { finished } = await client.download('docs/');
  expect(await finished).toMatchObject({
    state: 'completed',
    name: 'docs/',
    targetPath: join(downloads, 'docs'),
  });
  const served = kept(folder).filter(({ name }) => !['.hidden', 'new\nline'].includes(name));
  expect(kept(join(downloads, 'docs'))).toEqual(served);
  const again = await (await client.download('docs/')).finished;
  expect(again).toMatchObject({ state: 'completed', resumedBytes: 0 });
  expect(kept(join(downloads, 'docs'))).toEqual(served);
});

// CHAT-FOLDER-1
test('what is no folder is refused, by its name or by its place', async () => {
  const { share, own: downloads, connect } = await openPlace();
  writeFileSync(join(share, 'file'), 'x');
  const client = await connect('ann');
  for (const name of ['file/', 'absent/']) {
    const { finished } = await client.download(name);
    expect(await finished).toMatchObject({ state: 'failed', failure: { code: 'file-not-found' } });
  }
  await expect(client.download('../share/')).rejects.toMatchObject({ code: 'file-name-invalid' });
  await expect(client.download('/')).rejects.toMatchObject({ code: 'file-name-invalid' });
  await client.leave();
  // Nothing is left of what never came.
  expect(readdirSync(downloads)).toEqual([]);
});

// CHAT-FOLDER-7
test('a session that is lost, and a client that goes, leave what is there for the next one', async () => {
  const { share, own: downloads, connect } = await openPlace();
  const folder = join(share, 'docs');
  mkdirSync(folder);
  fill(folder);
  const first = await connect('ann');
  const { finished, transfer } = await first.download('docs/');
  first.on('transfer-changed', ({ transfer: { state, receivedBytes, number } }) => {
    if (number === transfer.number && state === 'running' && receivedBytes > 0) first.abandon();
  });
  const end = await finished;
  expect(['completed', 'stopped', 'failed']).toContain(end.state);
  const second = await connect('bob');
  expect(await (await second.download('docs/')).finished).toMatchObject({ state: 'completed' });
  expect(kept(join(downloads, 'docs'))).toEqual(kept(folder));
});
