// A whole server that stops and comes back, and a whole client that downloads from it.
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createParleyClient,
  createWorkerTransferHost,
  type ParleyClient,
  type Transfer,
} from '@parley/client-core';
import { createParleyServer, openWorkerTransferHost, type ParleyServer } from '@parley/server-core';
import { expect, onTestFinished, test } from 'vitest';

const WINDOW_BYTES = 262_144;
const SIZE = 8_000_000;

interface Scene {
  readonly folder: string;
  readonly downloadFolder: string;
  readonly client: ParleyClient;
  server: ParleyServer;
}

async function startServer(folder: string, port: number): Promise<{ server: ParleyServer; port: number }> {
  const transferHost = await openWorkerTransferHost({ host: '127.0.0.1', port: 0 });
  const server = createParleyServer({ host: '127.0.0.1', port, files: { folder, transferHost } });
  const address = await server.start();
  return { server, port: address.port };
}

/** A client that is registered at a server that shares `file.bin`. */
async function openScene(): Promise<Scene & { readonly port: number }> {
  const root = mkdtempSync(join(tmpdir(), 'parley-restart-'));
  const [folder, downloadFolder] = [join(root, 'share'), join(root, 'downloads')];
  for (const path of [folder, downloadFolder]) mkdirSync(path);
  writeFileSync(join(folder, 'file.bin'), patternBytes(SIZE));
  const { server, port } = await startServer(folder, 0);
  const narrow = { receiveWindowBytesInitial: WINDOW_BYTES, receiveWindowBytesMax: WINDOW_BYTES };
  const client = createParleyClient({
    host: '127.0.0.1',
    port,
    reconnects: true,
    downloadFolder,
    createTransferHost: () => createWorkerTransferHost({ config: narrow }),
  });
  const scene = { folder, downloadFolder, client, server, port };
  onTestFinished(async () => {
    await client.leave();
    await scene.server.stop();
    rmSync(root, { recursive: true, force: true });
  });
  await client.connect();
  await client.register('ann');
  return scene;
}

/** Begins the download, and holds it in mid-file. */
async function holdDownload({ client }: Scene): Promise<{ finished: Promise<Transfer> }> {
  const held = new Promise<void>((resolve) => {
    client.on('transfer-changed', ({ transfer }) => {
      if (transfer.state === 'paused' && transfer.receivedBytes > 0) resolve();
    });
  });
  const { transfer, finished } = await client.download('file.bin');
  await client.pauseTransfer(transfer.number);
  await held;
  return { finished };
}

async function restart(scene: Scene & { readonly port: number }): Promise<void> {
  const back = new Promise<void>((resolve) => scene.client.once('reconnected', () => resolve()));
  await scene.server.stop({ message: 'back soon', reconnectAfterMs: 50 });
  scene.server = (await startServer(scene.folder, scene.port)).server;
  await back;
}

// CHAT-RESUME-1
test('a download goes on with a server that was started again', async () => {
  const scene = await openScene();
  const { finished } = await holdDownload(scene);
  await restart(scene);
  await scene.client.resumeTransfer(1);
  expect(await finished).toMatchObject({ state: 'completed', receivedBytes: SIZE, changesSeen: 0 });
  expect(readdirSync(scene.downloadFolder)).toEqual(['file.bin']);
  expect(readFileSync(join(scene.downloadFolder, 'file.bin')).equals(patternBytes(SIZE))).toBe(true);
});

// CHAT-RESUME-3
test('a file that grew meanwhile is fetched where it differs', async () => {
  const scene = await openScene();
  const { finished } = await holdDownload(scene);
  appendFileSync(join(scene.folder, 'file.bin'), 'and more');
  await restart(scene);
  await scene.client.resumeTransfer(1);
  expect(await finished).toMatchObject({ state: 'completed', size: SIZE + 8, changesSeen: 1 });
  const expected = Buffer.concat([patternBytes(SIZE), Buffer.from('and more')]);
  expect(readFileSync(join(scene.downloadFolder, 'file.bin')).equals(expected)).toBe(true);
});

// CHAT-RESUME-1
test('a file that vanished meanwhile ends the download, and what has arrived is kept', async () => {
  const scene = await openScene();
  const { finished } = await holdDownload(scene);
  rmSync(join(scene.folder, 'file.bin'));
  await restart(scene);
  await scene.client.resumeTransfer(1);
  const { state, failure } = await finished;
  expect(state).toBe('failed');
  expect(failure).toEqual({
    code: 'file-not-found',
    message: 'no shared file is called file.bin; what has arrived is kept: get the file again to go on',
  });
  expect(readdirSync(scene.downloadFolder)).not.toContain('file.bin');
});

/** Bytes that differ from place to place. */
function patternBytes(length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  for (let index = 0; index < length; index += 1) bytes[index] = (index * 31 + (index >>> 8) * 17) & 255;
  return bytes;
}
