import type { DriverProcess } from '../driver-process.ts';
import { startMsMax, withServer } from './server-process.ts';

/** Each talker says a line in so many milliseconds. */
const talkIntervalMs = 1000;
/** Too large to be finished while the chat is measured, at any speed that matters. */
const fileMegabytes = 400;

/** Latency of the chat while so many files are downloaded, each by a client of its own at full speed. */
export function measureLatency(
  transfers: number,
  { talkers, seconds }: { readonly talkers: number; readonly seconds: number },
): Promise<object> {
  return withServer(fileMegabytes, async (server) => {
    const loads: DriverProcess[] = [];
    try {
      for (let index = 0; index < transfers; index++) {
        const load = server.start('./download-load.ts', ['file.bin', server.folder, 1, index, 'forever']);
        loads.push(load);
        await load.waitFor(/READY/, startMsMax);
        load.begin();
      }
      const chat = server.start('./chat-load.ts', [talkers, talkIntervalMs, seconds]);
      loads.push(chat);
      const [report] = await chat.waitFor(/\{.*\}\n/, startMsMax + seconds * 1000 * 3);
      const ended = loads.slice(0, -1).find((load) => load.hasExited);
      if (ended !== undefined) throw new Error(`a download ended: ${ended.output} ${ended.complaints}`);
      return { what: 'latency', transfers, talkers, ...JSON.parse(report) };
    } finally {
      await Promise.all(loads.map((load) => load.kill()));
    }
  });
}
