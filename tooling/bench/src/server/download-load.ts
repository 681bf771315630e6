import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  createParleyClient,
  createWorkerTransferHost,
  type ParleyClient,
  type TransferHost,
} from '@parley/client-core';
import { runLoad } from './load.ts';

/*
 * Clients that download the same file at the same time, all through one transfer thread. They connect, say READY, and begin at SIGUSR2.
 *   download-load HOST PORT FILE FOLDER CLIENTS FIRST         each once; FIRST numbers the nicknames
 *   download-load HOST PORT FILE FOLDER CLIENTS FIRST forever until the process is ended
 */
await runLoad(async ([host = '', port, file = '', folder = '', clientCount, first, mode]) => {
  const worker = createWorkerTransferHost();
  // It outlives each of its clients.
  const shared: TransferHost = {
    download: (...order) => worker.download(...order),
    upload: (...order) => worker.upload(...order),
    close: async () => {},
  };
  const server = { host, port: Number(port), downloadFolder: folder, createTransferHost: () => shared };
  const clients = await Promise.all(
    Array.from({ length: Number(clientCount) }, async (_, index) => {
      const client = createParleyClient(server);
      await client.connect();
      await client.register(`loader${Number(first) + index}`);
      return client;
    }),
  );
  const begin = once(process, 'SIGUSR2');
  process.stdout.write('READY\n');
  await begin;
  const downloads = clients.map(async (client) => {
    const to = join(folder, String(client.nickname));
    let download = await downloadOnce(client, file, to);
    while (mode === 'forever' && download.state === 'completed') {
      download = await downloadOnce(client, file, to);
    }
    return download;
  });
  return { downloads: await Promise.all(downloads) };
});

async function downloadOnce(client: ParleyClient, file: string, to: string) {
  const startedAt = performance.now();
  const { finished } = await client.download(file, to);
  const { state, receivedBytes, failure } = await finished;
  const seconds = (performance.now() - startedAt) / 1000;
  await rm(to, { force: true });
  return { state, receivedBytes, seconds, failure: failure?.message };
}
