import { randomFillSync } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { printLine } from './benchmark.ts';
import { DriverProcess } from './driver-process.ts';
import { describeMachine } from './machine.ts';

const usage = `usage: npm run bench:server -- [--what latency,downloads] [options]

The chat server as a program, on loopback.
  latency     delivery latency among people who chat: nobody downloads, one file, four files at full speed
  downloads   memory of the server, and how evenly it serves, with 1, 100 and 1,000 downloads of one file at once
  --talkers N     people who chat (50)      --seconds N   length of each latency run (20)
  --megabytes N   size of the file that 100 and more download (2)
Prints lines of JSON.
`;

interface ServerOptions {
  readonly what: readonly string[];
  readonly talkers: number;
  readonly seconds: number;
  readonly megabytes: number;
}

const host = '127.0.0.1';
/** Each talker says a line in so many milliseconds. */
const talkIntervalMs = 1000;
const bigFileMegabytes = 400;
/** One process drives at most so many downloads. */
const clientsPerProcessMax = 125;
const startLimitMs = 20_000;
const downloadsLimitMs = 600_000;
const samplingMs = 100;

const serverProgram = fileURLToPath(new URL('../../../apps/server/dist/main.js', import.meta.url));
const nodeProgram = (file: string) => [
  process.execPath,
  '--disable-warning=ExperimentalWarning',
  fileURLToPath(new URL(file, import.meta.url)),
];

/** A server with one shared file, in a folder of its own. */
class BenchServer {
  readonly folder: string;
  readonly process: DriverProcess;
  #port = 0;

  constructor(megabytes: number) {
    // In memory where that is possible: disks are not what is measured.
    this.folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'parley-bench-'));
    writeFileSync(join(this.folder, 'file.bin'), randomFillSync(Buffer.alloc(megabytes * 1e6)));
    const options = ['--host', host, '--port', '0', '--share', this.folder, '--log-level', 'warn'];
    this.process = new DriverProcess([process.execPath, serverProgram, ...options]);
  }

  async ready(): Promise<void> {
    const [, port] = await this.process.waitFor(/:(\d+)/, startLimitMs);
    this.#port = Number(port);
  }

  /** Starts a load on this server. */
  start(file: string, args: readonly (string | number)[]): DriverProcess {
    return new DriverProcess([...nodeProgram(file), host, String(this.#port), ...args.map(String)]);
  }

  /** Resident memory, in MiB. */
  get memoryMiB(): number {
    const status = readFileSync(`/proc/${this.process.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024;
  }

  async stop(): Promise<void> {
    await this.process.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

async function withServer<T>(megabytes: number, body: (server: BenchServer) => Promise<T>): Promise<T> {
  const server = new BenchServer(megabytes);
  try {
    await server.ready();
    return await body(server);
  } finally {
    await server.stop();
  }
}

/** Latency of the chat while so many files are downloaded, each by a client of its own at full speed. */
function measureLatency(transfers: number, { talkers, seconds }: ServerOptions): Promise<object> {
  return withServer(bigFileMegabytes, async (server) => {
    const loads: DriverProcess[] = [];
    try {
      for (let index = 0; index < transfers; index++) {
        const load = server.start('server/download-load.ts', [
          'file.bin',
          server.folder,
          1,
          index,
          'forever',
        ]);
        loads.push(load);
        await load.waitFor(/READY/, startLimitMs);
        load.begin();
      }
      const chat = server.start('server/chat-load.ts', [talkers, talkIntervalMs, seconds]);
      loads.push(chat);
      const [report] = await chat.waitFor(/\{.*\}\n/, startLimitMs + seconds * 1000 * 3);
      const ended = loads.slice(0, -1).find((load) => load.hasExited);
      if (ended !== undefined) throw new Error(`a download ended: ${ended.output} ${ended.complaints}`);
      return { what: 'latency', transfers, talkers, ...JSON.parse(report) };
    } finally {
      await Promise.all(loads.map((load) => load.kill()));
    }
  });
}

/** Memory of the server while so many clients download one file at once. */
function measureDownloads(count: number, megabytes: number): Promise<object> {
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
        const load = server.start('server/download-load.ts', ['file.bin', server.folder, clients, first]);
        loads.push(load);
        await load.waitFor(/READY/, startLimitMs);
      }
      for (const load of loads) load.begin();
      const reports = await Promise.all(loads.map((load) => load.waitFor(/\{.*\}\n/, downloadsLimitMs)));
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

function parseOptions(args: readonly string[]): ServerOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      what: { type: 'string', default: 'latency,downloads' },
      talkers: { type: 'string', default: '50' },
      seconds: { type: 'string', default: '20' },
      megabytes: { type: 'string', default: '2' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const what = values.what.split(',');
  const unknown = what.find((name) => name !== 'latency' && name !== 'downloads');
  if (unknown !== undefined) throw new Error(`expected --what latency or downloads, got ${unknown}`);
  const [talkers = 0, seconds = 0, megabytes = 0] = [values.talkers, values.seconds, values.megabytes].map(
    Number,
  );
  if (!(talkers >= 2 && seconds > 0 && megabytes > 0))
    throw new Error('expected --talkers of 2 or more, --seconds and --megabytes above 0');
  return { what, talkers, seconds, megabytes };
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
      printLine(await measureDownloads(count, count === 1 ? bigFileMegabytes : options.megabytes));
}

try {
  await run(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`bench:server: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
