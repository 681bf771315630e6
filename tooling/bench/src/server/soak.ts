import { setTimeout as sleep } from 'node:timers/promises';
import { withServer } from './server-process.ts';

/** Small enough that connections come and go, too: two or three a second. */
const FILE_MEGABYTES = 20;
const SAMPLING_MS = 1000;
const SAMPLES_PER_LINE = 60;

/** Memory of the server over a long time: a line a minute, and what each quarter of the time had at most. Throws an Error when a download ended. */
export function measureSoak(minutes: number): Promise<object> {
  return withServer(FILE_MEGABYTES, async (server) => {
    const samplesMiB: number[] = [];
    const downloads = await Promise.all(
      [0, 1].map((first) => server.startDownloads(1, { first, repeats: true })),
    );
    const ends = downloads.map((load) => load.rejectAtEnd());
    for (const load of downloads) load.signal('SIGUSR2');
    const samplesCount = Math.round((minutes * 60_000) / SAMPLING_MS);
    while (samplesMiB.length < samplesCount) {
      await Promise.race([sleep(SAMPLING_MS), ...ends]);
      samplesMiB.push(server.memoryMiB);
      if (samplesMiB.length % SAMPLES_PER_LINE === 0)
        process.stderr.write(`${samplesMiB.length} s: ${samplesMiB.at(-1)?.toFixed(0)} MiB\n`);
    }
    const quarter = (index: number) =>
      Math.max(...samplesMiB.slice((index * samplesCount) / 4, ((index + 1) * samplesCount) / 4));
    return { what: 'soak', minutes, quartersMaxMiB: [0, 1, 2, 3].map(quarter) };
  });
}
