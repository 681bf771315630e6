import type { Program } from '@parley/programs';
import { START_MS_MAX, withServer } from './server-process.ts';

/** Each talker says a line in so many milliseconds. */
const TALK_INTERVAL_MS = 1000;
/** Too large to be finished while the chat is measured, at any speed that matters. */
const FILE_MEGABYTES = 400;

/**
 * Latency of the chat while so many files are downloaded, each by a client of its own at full speed. Throws an Error when a
 * download ended, or a line did not reach somebody.
 */
export function measureLatency(
  transfers: number,
  { talkers, seconds }: { readonly talkers: number; readonly seconds: number },
): Promise<object> {
  return withServer(FILE_MEGABYTES, async (server) => {
    const downloads: Program[] = [];
    for (let index = 0; index < transfers; index++) {
      const load = await server.startDownloads(1, { first: index, repeats: true });
      downloads.push(load);
      load.signal('SIGUSR2');
    }
    const chat = server.startChat(talkers, TALK_INTERVAL_MS, seconds);
    const report = chat.stdout.line(/\{.*\}$/, START_MS_MAX + seconds * 1000 * 3);
    const [line] = await Promise.race([report, ...downloads.map((load) => load.rejectAtEnd())]);
    const figures: { readonly deliveries: number; readonly deliveriesDue: number } = JSON.parse(line);
    const missed = figures.deliveriesDue - figures.deliveries;
    if (missed !== 0) throw new Error(`${missed} of ${figures.deliveriesDue} deliveries did not come`);
    return { what: 'latency', transfers, talkers, ...figures };
  });
}
