import { parseArgs } from 'node:util';
import { printLine } from './benchmark.ts';
import { filePeers } from './files/file-peers.ts';
import { type FileTask, measureCopy } from './files/measure-copy.ts';
import { makeWorkload } from './files/workload.ts';
import { startEmulatedLink } from './link/emulated-link.ts';
import { parseProfile } from './link/profile.ts';
import { describeMachine } from './machine.ts';

const tasks: readonly FileTask[] = ['small', 'small-up', 'large', 'resume'];

const usage = `usage: npm run bench:files -- [--profile rate=100,rtt=100] [options]

Files and folders over an emulated link, by Parley and by what people would use instead. Needs what bench:link needs.
  --what LIST       ${tasks.join(',')}: a folder of small files; the same sent (small-up); one large file; the large one, killed at its half and
                    fetched again (the time is that of the second run)
  --peers LIST      ${filePeers.map(({ name }) => name).join(',')}
  --files N         small files (10000)          --file-bytes N   bytes of each (1024)
  --megabytes N     size of the large file (200)  --reps N         runs of each peer (1)
  --limit SECONDS   longest run (300)
Prints lines of JSON: the machine, and each run.
`;

interface FileBenchOptions {
  readonly profile: string;
  readonly what: readonly string[];
  readonly peers: readonly string[];
  readonly files: number;
  readonly fileBytes: number;
  readonly megabytes: number;
  readonly repetitions: number;
  readonly limitSeconds: number;
}

function parseOptions(args: readonly string[]): FileBenchOptions | 'help' {
  const names = filePeers.map(({ name }) => name);
  const { values } = parseArgs({
    args: [...args],
    options: {
      profile: { type: 'string', default: 'rate=100,rtt=100' },
      what: { type: 'string', default: tasks.join(',') },
      peers: { type: 'string', default: names.join(',') },
      files: { type: 'string', default: '10000' },
      'file-bytes': { type: 'string', default: '1024' },
      megabytes: { type: 'string', default: '200' },
      reps: { type: 'string', default: '1' },
      limit: { type: 'string', default: '300' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const what = values.what.split(',');
  const peers = values.peers.split(',');
  const unknown = [...what, ...peers].find((name) => ![...tasks, ...names].some((known) => known === name));
  if (unknown !== undefined) throw new Error(`expected tasks and peers that --help names, got ${unknown}`);
  const texts = [values.files, values['file-bytes'], values.megabytes, values.reps, values.limit];
  const numbers = texts.map(Number);
  if (!numbers.every((number) => Number.isInteger(number) && number > 0))
    throw new Error(`expected whole numbers above 0, got ${texts.join(' ')}`);
  const [files = 0, fileBytes = 0, megabytes = 0, repetitions = 0, limitSeconds = 0] = numbers;
  return { profile: values.profile, what, peers, files, fileBytes, megabytes, repetitions, limitSeconds };
}

async function run(args: readonly string[]): Promise<void> {
  const options = parseOptions(args);
  if (options === 'help') {
    process.stdout.write(usage);
    return;
  }
  const { what, peers, repetitions, limitSeconds } = options;
  printLine(describeMachine('.'));
  const workload = makeWorkload(options);
  const link = await startEmulatedLink(parseProfile(options.profile)).catch((error) => {
    workload.remove();
    throw error;
  });
  try {
    // Each peer in its turn, so that what the machine does meanwhile hits all of them.
    for (const task of tasks.filter((one) => what.includes(one))) {
      for (let repetition = 1; repetition <= repetitions; repetition += 1) {
        for (const peer of filePeers.filter(({ name }) => peers.includes(name))) {
          const line = await measureOne(peer, task);
          if ('error' in line || 'missing' in line) process.exitCode = 1;
          printLine({ ...line, repetition });
        }
      }
    }
  } finally {
    await link.stop();
    workload.remove();
  }

  async function measureOne(peer: (typeof filePeers)[number], task: FileTask): Promise<object> {
    if (peer.missing !== undefined) return { task, peer: peer.name, missing: peer.missing };
    if (task === 'resume' && !peer.resumes) return { task, peer: peer.name, resumes: false };
    return measureCopy(link, workload, { peer, task, limitSeconds });
  }
}

try {
  await run(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`bench:files: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
