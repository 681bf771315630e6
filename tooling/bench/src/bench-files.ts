import { parseArgs } from 'node:util';
import { parseCount, parseNames, runMain } from '@parley/programs';
import { filePeers } from './files/file-peers.ts';
import { type FileTask, measureCopy } from './files/measure-copy.ts';
import { makeWorkload } from './files/workload.ts';
import { printLine, printMeasurement } from './json-lines.ts';
import { startEmulatedLink } from './link/emulated-link.ts';
import { parseProfile } from './link/profile.ts';
import { describeMachine } from './machine.ts';

const TASKS: readonly FileTask[] = ['small', 'small-up', 'large', 'resume'];

const usage = `usage: npm run bench:files -- [--profile rate=100,rtt=100] [options]

Files and folders over an emulated link, by Parley and by what people would use instead. Needs what bench:link needs.
  --what LIST       ${TASKS.join(',')}: a folder of small files; the same sent (small-up); one large file; the large one, killed at its half and
                    fetched again (the time is that of the second run)
  --peers LIST      ${filePeers.map(({ name }) => name).join(',')}
  --files N         small files (10000)          --file-bytes N   bytes of each (1024)
  --megabytes N     size of the large file (200)  --reps N         runs of each peer (1)
  --limit SECONDS   longest run (300)
Prints lines of JSON: the machine, and each run.
`;

interface FileBenchOptions {
  readonly profile: string;
  readonly what: readonly FileTask[];
  readonly peers: readonly string[];
  readonly files: number;
  readonly fileBytes: number;
  readonly megabytes: number;
  readonly repetitions: number;
  readonly limitSeconds: number;
}

function parseOptions(args: readonly string[]): FileBenchOptions {
  const names = filePeers.map(({ name }) => name);
  const { values } = parseArgs({
    args: [...args],
    options: {
      profile: { type: 'string', default: 'rate=100,rtt=100' },
      what: { type: 'string', default: TASKS.join(',') },
      peers: { type: 'string', default: names.join(',') },
      files: { type: 'string', default: '10000' },
      'file-bytes': { type: 'string', default: '1024' },
      megabytes: { type: 'string', default: '200' },
      reps: { type: 'string', default: '1' },
      limit: { type: 'string', default: '300' },
    },
  });
  return {
    profile: values.profile,
    what: parseNames('what', values.what, TASKS),
    peers: parseNames('peers', values.peers, names),
    files: parseCount('files', values.files, { max: 1e6 }),
    fileBytes: parseCount('file-bytes', values['file-bytes'], { max: 1e6 }),
    megabytes: parseCount('megabytes', values.megabytes, { max: 1e5 }),
    repetitions: parseCount('reps', values.reps, { max: 1_000 }),
    limitSeconds: parseCount('limit', values.limit, { max: 86_400 }),
  };
}

async function run(args: readonly string[]): Promise<void> {
  const options = parseOptions(args);
  const { what, peers, repetitions, limitSeconds } = options;
  printLine(describeMachine('.'));
  const link = await startEmulatedLink(parseProfile(options.profile));
  const workload = makeWorkload(options);
  try {
    // Each peer in its turn, so that what the machine does meanwhile hits all of them.
    for (const task of TASKS.filter((one) => what.includes(one))) {
      for (let repetition = 1; repetition <= repetitions; repetition += 1) {
        for (const peer of filePeers.filter(({ name }) => peers.includes(name))) {
          const identity = { task, peer: peer.name, profile: link.name, repetition };
          await printMeasurement(identity, async () => ({ ...identity, ...(await measureOne(peer, task)) }));
        }
      }
    }
  } finally {
    await link.stop();
  }

  async function measureOne(peer: (typeof filePeers)[number], task: FileTask): Promise<object> {
    if (peer.missing !== undefined) return { missing: peer.missing };
    if (task === 'resume' && !peer.resumes) return { resumes: false };
    return measureCopy(link, workload, { peer, task, limitSeconds });
  }
}

await runMain({ name: 'bench:files', usage }, run);
