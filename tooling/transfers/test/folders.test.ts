// A folder, from the server's disk to the client's: chat server, UDP, both threads' engines.
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createParleyClient, type ParleyClient, TransferEngine } from '@parley/client-core';
import { FOLDER_FILE_BYTES_MAX } from '@parley/protocol';
import { createParleyServer, openTransferEngine } from '@parley/server-core';
import { expect, onTestFinished, test } from 'vitest';

interface Place {
  readonly share: string;
  readonly downloads: string;
  connect(nickname: string): Promise<ParleyClient>;
}

/** A server with a folder to share, and a folder for what comes from it. */
async function openPlace(): Promise<Place> {
  const root = mkdtempSync(join(tmpdir(), 'parley-folders-'));
  const [share, downloads] = [join(root, 'share'), join(root, 'downloads')];
  for (const folder of [share, downloads]) mkdirSync(folder);
  const transferHost = await openTransferEngine({ host: '127.0.0.1', port: 0 });
  const server = createParleyServer({
    host: '127.0.0.1',
    port: 0,
    limits: { presenceIntervalMs: 0 },
    files: { folder: share, transferHost },
  });
  const { port } = await server.start();
  onTestFinished(async () => {
    await server.stop();
    rmSync(root, { recursive: true, force: true });
  });
  const connect = async (nickname: string) => {
    const createTransferHost = () => new TransferEngine();
    const client = createParleyClient({
      host: '127.0.0.1',
      port,
      downloadFolder: downloads,
      createTransferHost,
    });
    await client.connect();
    await client.register(nickname);
    onTestFinished(() => client.leave());
    return client;
  };
  return { share, downloads, connect };
}

/** Every file and folder below, with what is in it and when it was changed. */
function tree(folder: string): [string, number, string?][] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const stats = statSync(join(folder, name));
      const time = Math.round(stats.mtimeMs);
      return stats.isFile() ? [name, time, readFileSync(join(folder, name), 'latin1')] : [name, time];
    });
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
  const { share, downloads, connect } = await openPlace();
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
  const served = tree(folder).filter(([name]) => !['.hidden', 'new\nline'].includes(name));
  expect(tree(join(downloads, 'docs'))).toEqual(served);
  const again = await (await client.download('docs/')).finished;
  expect(again).toMatchObject({ state: 'completed', resumedBytes: 0 });
  expect(tree(join(downloads, 'docs'))).toEqual(served);
}, 60_000);

// CHAT-FOLDER-1
test('what is no folder is refused, by its name or by its place', async () => {
  const { share, downloads, connect } = await openPlace();
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
  const { share, downloads, connect } = await openPlace();
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
  expect(tree(join(downloads, 'docs'))).toEqual(tree(folder));
}, 60_000);
