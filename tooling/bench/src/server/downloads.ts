import { setTimeout as sleep } from 'node:timers/promises';
import type { Program } from '@parley/programs';
import { jainIndex } from '../statistics.ts';
import { type BenchServer, withServer } from './server-process.ts';

/** One process drives at most so many downloads. */
const CLIENTS_PER_PROCESS_MAX = 125;
const DOWNLOADS_MS_MAX = 600_000;
const SAMPLING_MS = 100;

/** Memory of the server while so many clients download one file at once. Throws an Error when a download fails. */
export function measureDownloads(count: number, megabytes: number): Promise<object> {
  return withServer(megabytes, async (server) => {
    const idleMiB = server.memoryMiB;
    const loads: Program[] = [];
    for (let first = 0; first < count; first += CLIENTS_PER_PROCESS_MAX)
      loads.push(await server.startDownloads(Math.min(CLIENTS_PER_PROCESS_MAX, count - first), { first }));
    const reports = Promise.all(loads.map((load) => load.stdout.line(/\{.*\}$/, DOWNLOADS_MS_MAX)));
    for (const load of loads) load.signal('SIGUSR2');
    const peakMiB = await memoryPeakUntil(reports, server);
    const downloads: Download[] = (await reports).flatMap(([report]) => JSON.parse(report).downloads);
    const failed = downloads.filter(({ state }) => state !== 'completed');
    if (failed.length > 0)
      throw new Error(`${failed.length} of ${count} failed, such as: ${failed[0]?.failure}`);
    return {
      ...{ what: 'downloads', count, megabytes, idleMiB, peakMiB },
      perDownloadKiB: ((peakMiB - idleMiB) * 1024) / count,
      jain: jainIndex(downloads.map(({ receivedBytes, seconds }) => receivedBytes / seconds)),
      secondsMax: Math.max(...downloads.map(({ seconds }) => seconds)),
    };
  });
}

/** The most memory that the server has until something is over, itself included. */
async function memoryPeakUntil(end: Promise<unknown>, server: BenchServer): Promise<number> {
  let peakMiB = 0;
  let isOver = false;
  const over = end.then(() => {
    isOver = true;
  });
  while (!isOver) {
    peakMiB = Math.max(peakMiB, server.memoryMiB);
    await Promise.race([sleep(SAMPLING_MS), over]);
  }
  return Math.max(peakMiB, server.memoryMiB);
}

interface Download {
  readonly state: string;
  readonly receivedBytes: number;
  readonly seconds: number;
  readonly failure?: string;
}
