import { parseArgs } from 'node:util';
import { parseCount, parseNames, parseNumber, runMain } from '@parley/programs';
import { printLine, printMeasurement } from './json-lines.ts';
import { describeMachine } from './machine.ts';
import { measureDownloads } from './server/downloads.ts';
import { measureLatency } from './server/latency.ts';
import { measureSoak } from './server/soak.ts';

const usage = `usage: npm run bench:server -- [--what latency,downloads,soak] [options]

The chat server as a program, on loopback.
  latency     delivery latency among people who chat: nobody downloads, one file, four files at full speed
  downloads   memory of the server, and how evenly it serves, with 1, 100 and 1,000 downloads of one file at once
  soak        memory of the server while two clients download one file after the other, for --minutes
  --talkers N     people who chat (50)      --seconds N   length of each latency run (20)
  --megabytes N   size of the file that 100 and more download (2)
  --minutes N     length of the soak (20)
Prints lines of JSON.
`;

const WHATS = ['latency', 'downloads', 'soak'] as const;

interface ServerOptions {
  readonly what: readonly (typeof WHATS)[number][];
  readonly talkers: number;
  readonly seconds: number;
  readonly megabytes: number;
  readonly minutes: number;
}

const SINGLE_DOWNLOAD_MEGABYTES = 400;

function parseOptions(args: readonly string[]): ServerOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      what: { type: 'string', default: 'latency,downloads' },
      talkers: { type: 'string', default: '50' },
      seconds: { type: 'string', default: '20' },
      megabytes: { type: 'string', default: '2' },
      minutes: { type: 'string', default: '20' },
    },
  });
  return {
    what: parseNames('what', values.what, WHATS),
    talkers: parseCount('talkers', values.talkers, { min: 2, max: 1_000 }),
    seconds: parseNumber('seconds', values.seconds, { min: 1, max: 3_600 }),
    megabytes: parseNumber('megabytes', values.megabytes, { min: 0.001, max: 10_000 }),
    minutes: parseNumber('minutes', values.minutes, { min: 0.1, max: 1_440 }),
  };
}

async function run(args: readonly string[]): Promise<void> {
  const options = parseOptions(args);
  printLine(describeMachine('.'));
  for (const transfers of options.what.includes('latency') ? [0, 1, 4] : [])
    await printMeasurement({ what: 'latency', transfers }, () => measureLatency(transfers, options));
  for (const count of options.what.includes('downloads') ? [1, 100, 1000] : []) {
    const megabytes = count === 1 ? SINGLE_DOWNLOAD_MEGABYTES : options.megabytes;
    await printMeasurement({ what: 'downloads', count }, () => measureDownloads(count, megabytes));
  }
  const { minutes } = options;
  if (options.what.includes('soak'))
    await printMeasurement({ what: 'soak', minutes }, () => measureSoak(minutes));
}

await runMain({ name: 'bench:server', usage }, run);
