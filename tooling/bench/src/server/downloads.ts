import { setTimeout as sleep } from 'node:timers/promises';
import type { DriverProcess } from '../driver-process.ts';
import { startMsMax, withServer } from './server-process.ts';

/** One process drives at most so many downloads. */
const clientsPerProcessMax = 125;
const downloadsMsMax = 600_000;
const samplingMs = 100;

/** Memory of the server while so many clients download one file at once. */
export function measureDownloads(count: number, megabytes: number): Promise<object> {
  return withServer(megabytes, async (server) => {
    const idleMiB = server.memoryMiB;
    let peakMiB = idleMiB;
    const sampling = setInterval(() => {
      peakMiB = Math.max(peakMiB, server.memoryMiB);
    }, samplingMs);
    const loads: DriverProcess[] = [];
    try {
      for (let first = 0; first < count; first += clientsPerProcessMax) {
        const clients = Math.min(clientsPerProcessMax, count - first);
        const load = server.start('./download-load.ts', ['file.bin', server.folder, clients, first]);
        loads.push(load);
        await load.waitFor(/READY/, startMsMax);
      }
      for (const load of loads) load.begin();
      const reports = await Promise.all(loads.map((load) => load.waitFor(/\{.*\}\n/, downloadsMsMax)));
      const downloads: Download[] = reports.flatMap(([report]) => JSON.parse(report).downloads);
      const completed = downloads.filter(({ state }) => state === 'completed');
      await sleep(samplingMs);
      return {
        ...{ what: 'downloads', count, megabytes, completed: completed.length, idleMiB, peakMiB },
        ...{ perDownloadKiB: ((peakMiB - idleMiB) * 1024) / count },
        jain: jainOf(completed.map(({ receivedBytes, seconds }) => receivedBytes / seconds)),
        secondsMax: Math.max(...downloads.map(({ seconds }) => seconds)),
        failure: downloads.find(({ failure }) => failure !== undefined)?.failure,
      };
    } finally {
      clearInterval(sampling);
      await Promise.all(loads.map((load) => load.kill()));
    }
  });
}

interface Download {
  readonly state: string;
  readonly receivedBytes: number;
  readonly seconds: number;
  readonly failure?: string;
}

/** Jain's index of fairness: 1 when all are equal, 1/n when one has everything. */
function jainOf(values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + value, 0);
  const squares = values.reduce((total, value) => total + value * value, 0);
  return sum ** 2 / (values.length * squares);
}
