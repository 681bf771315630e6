import { parseArgs } from 'node:util';
import { printLine } from './benchmark.ts';
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

interface ServerOptions {
  readonly what: readonly string[];
  readonly talkers: number;
  readonly seconds: number;
  readonly megabytes: number;
  readonly minutes: number;
}

const singleDownloadMegabytes = 400;

function parseOptions(args: readonly string[]): ServerOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      what: { type: 'string', default: 'latency,downloads' },
      talkers: { type: 'string', default: '50' },
      seconds: { type: 'string', default: '20' },
      megabytes: { type: 'string', default: '2' },
      minutes: { type: 'string', default: '20' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const what = values.what.split(',');
  const unknown = what.find((name) => !['latency', 'downloads', 'soak'].includes(name));
  if (unknown !== undefined) throw new Error(`expected --what latency, downloads or soak, got ${unknown}`);
  const texts = [values.talkers, values.seconds, values.megabytes, values.minutes];
  const [talkers = 0, seconds = 0, megabytes = 0, minutes = 0] = texts.map(Number);
  if (!(talkers >= 2 && seconds > 0 && megabytes > 0 && minutes > 0))
    throw new Error('expected --talkers of 2 or more, --seconds, --megabytes and --minutes above 0');
  return { what, talkers, seconds, megabytes, minutes };
}

async function run(args: readonly string[]): Promise<void> {
  const options = parseOptions(args);
  if (options === 'help') {
    process.stdout.write(usage);
    return;
  }
  printLine(describeMachine('.'));
  if (options.what.includes('latency'))
    for (const transfers of [0, 1, 4]) printLine(await measureLatency(transfers, options));
  if (options.what.includes('downloads'))
    for (const count of [1, 100, 1000])
      printLine(await measureDownloads(count, count === 1 ? singleDownloadMegabytes : options.megabytes));
  if (options.what.includes('soak')) printLine(await measureSoak(options.minutes));
}

try {
  await run(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`bench:server: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
