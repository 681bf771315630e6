import { basename } from 'node:path';
import { createParleyClient } from '@parley/client-core';
import { runLoad } from '../server/load.ts';

/*
 * Fetches a file, or a folder (NAME with a slash at its end), or sends a folder, and tells how long that took, from before the connection was made.
 *   parley-copy fetch HOST PORT NAME FOLDER
 *   parley-copy send HOST PORT FOLDER
 */
await runLoad(async ([mode, host = '', port, name = '', downloadFolder = '.']) => {
  const startedAt = performance.now();
  const client = createParleyClient({ host, port: Number(port), downloadFolder });
  await client.connect();
  await client.register('bench');
  const { finished } =
    mode === 'fetch' ? await client.download(name) : await client.upload(name, { name: basename(name) });
  const { state, failure, resumedBytes } = await finished;
  const seconds = (performance.now() - startedAt) / 1000;
  if (state !== 'completed') throw new Error(`the transfer ${state}: ${failure?.message}`);
  await client.leave();
  return { seconds, resumedBytes };
});
