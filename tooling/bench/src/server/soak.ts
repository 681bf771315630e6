import { setTimeout as sleep } from 'node:timers/promises';
import type { DriverProcess } from '../driver-process.ts';
import { startMsMax, withServer } from './server-process.ts';

/** Small enough that connections come and go, too: two or three a second. */
const fileMegabytes = 20;
const samplingMs = 1000;
const samplesPerLine = 60;

/** Memory of the server over a long time: a line a minute, and what each quarter of the time had at most. */
export function measureSoak(minutes: number): Promise<object> {
  return withServer(fileMegabytes, async (server) => {
    const loads: DriverProcess[] = [];
    const samplesMiB: number[] = [];
    try {
      for (const index of [0, 1]) {
        const load = server.start('./download-load.ts', ['file.bin', server.folder, 1, index, 'forever']);
        loads.push(load);
        await load.waitFor(/READY/, startMsMax);
        load.begin();
      }
      const samplesCount = Math.round((minutes * 60_000) / samplingMs);
      while (samplesMiB.length < samplesCount && !loads.some((load) => load.hasExited)) {
        await sleep(samplingMs);
        samplesMiB.push(server.memoryMiB);
        if (samplesMiB.length % samplesPerLine === 0)
          process.stderr.write(`${samplesMiB.length} s: ${samplesMiB.at(-1)?.toFixed(0)} MiB\n`);
      }
      const ended = loads.find((load) => load.hasExited);
      if (ended !== undefined) throw new Error(`a download ended: ${ended.output} ${ended.complaints}`);
      const quarter = (index: number) =>
        Math.max(...samplesMiB.slice((index * samplesCount) / 4, ((index + 1) * samplesCount) / 4));
      return { what: 'soak', minutes, quartersMaxMiB: [0, 1, 2, 3].map(quarter) };
    } finally {
      await Promise.all(loads.map((load) => load.kill()));
    }
  });
}
