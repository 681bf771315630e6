import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createParleyClient, type ParleyClient, TransferEngine } from '@parley/client-core';
import { createParleyServer, openTransferEngine } from '@parley/server-core';
import { onTestFinished } from 'vitest';

/** A server with a folder, and a folder of its clients. */
export interface Place {
  readonly share: string;
  readonly own: string;
  connect(nickname: string): Promise<ParleyClient>;
}

/** A server that shares a folder, and takes from whom it may. */
export async function openPlace(uploads: 'off' | 'all' = 'off'): Promise<Place> {
  const root = mkdtempSync(join(tmpdir(), 'parley-folders-'));
  const [share, own] = [join(root, 'share'), join(root, 'own')];
  for (const folder of [share, own]) mkdirSync(folder);
  const transferHost = await openTransferEngine({ host: '127.0.0.1', port: 0 });
  const server = createParleyServer({
    host: '127.0.0.1',
    port: 0,
    limits: { presenceIntervalMs: 0 },
    files: { folder: share, transferHost, uploads },
  });
  const { port } = await server.start();
  onTestFinished(async () => {
    await server.stop();
    rmSync(root, { recursive: true, force: true });
  });
  const connect = async (nickname: string): Promise<ParleyClient> => {
    const createTransferHost = () => new TransferEngine();
    const client = createParleyClient({ host: '127.0.0.1', port, downloadFolder: own, createTransferHost });
    await client.connect();
    await client.register(nickname);
    onTestFinished(() => client.leave());
    return client;
  };
  return { share, own, connect };
}

/** Something below a folder: what is in it, and what is kept of it. */
export interface Found {
  readonly name: string;
  readonly mode: number;
  /** When it was changed, in whole milliseconds. */
  readonly time: number;
  /** Of a file. */
  readonly text: string | undefined;
}

/** Every file and folder below. */
export function tree(folder: string): Found[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const path = join(folder, name);
      const stats = statSync(path);
      const text = stats.isFile() ? readFileSync(path, 'latin1') : undefined;
      return { name, mode: stats.mode, time: Math.round(stats.mtimeMs), text };
    });
}
