import { createParleyClient } from '@parley/client-core';
import { runLoad } from '../server/load.ts';

/*
 * Fetches a file, or a folder (NAME with a slash at its end), and tells how long that took, from before the connection was made.
 *   parley-fetch HOST PORT NAME FOLDER
 */
await runLoad(async ([host = '', port, name = '', downloadFolder = '']) => {
  const startedAt = performance.now();
  const client = createParleyClient({ host, port: Number(port), downloadFolder });
  await client.connect();
  await client.register('bench');
  const { finished } = await client.download(name);
  const { state, failure, resumedBytes } = await finished;
  const seconds = (performance.now() - startedAt) / 1000;
  if (state !== 'completed') throw new Error(`the download ${state}: ${failure?.message}`);
  await client.leave();
  return { seconds, resumedBytes };
});
