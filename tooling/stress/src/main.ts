// The server program under everything at once: npm run stress -- --seconds 30 --seed 1
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Course } from './course.ts';
import { drawPlan } from './plan.ts';
import { playStress } from './run.ts';

const usage = `usage: npm run stress -- [options]

Talkers behind a relay that cuts their connections, hostile clients, and kills, against the built server program with TLS and its
history in SQLite. In the end the logs, what was accepted and what everybody saw are compared; the last line is JSON.
  --seconds N   how long people talk (30)        --seed TEXT   decides the plan (1)
  --talkers N   (8)   --hostiles N   (4 a second)   --kills N   of the server (one each 10 seconds)
  --keep        leaves the folder with the history
`;

async function run(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seconds: { type: 'string', default: '30' },
      seed: { type: 'string', default: '1' },
      talkers: { type: 'string', default: '8' },
      hostiles: { type: 'string' },
      kills: { type: 'string' },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return;
  }
  const seconds = count('seconds', values.seconds, 1);
  const talkers = count('talkers', values.talkers, 1);
  const hostiles = count('hostiles', values.hostiles ?? `${seconds * 4}`, 0);
  const kills = count('kills', values.kills ?? `${Math.max(1, Math.floor(seconds / 10))}`, 0);
  const { seed } = values;
  process.stdout.write(`seed ${seed}\n`);
  const folder = await mkdtemp(join(tmpdir(), 'parley-stress-'));
  const begin = performance.now();
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => interruption.abort(new Error(`interrupted by ${signal}`)));
  const { problems, ...figures } = await playStress({
    plan: drawPlan(seed, { talkers, hostiles, kills }),
    course: new Course({ seconds }),
    folder,
    isFromSource: false,
    isPaced: true,
    signal: interruption.signal,
  }).finally(async () => {
    if (values.keep) process.stdout.write(`kept ${folder}\n`);
    else await rm(folder, { recursive: true });
  });
  for (const problem of problems.slice(0, PROBLEMS_SHOWN_MAX)) process.stdout.write(`${problem}\n`);
  const wallSeconds = Math.round((performance.now() - begin) / 1_000);
  const size = { seed, seconds, talkers, hostiles, kills };
  process.stdout.write(
    `${JSON.stringify({ ...size, ...figures, problems: problems.length, wallSeconds })}\n`,
  );
  process.exitCode = problems.length === 0 ? 0 : 1;
}

const PROBLEMS_SHOWN_MAX = 50;

function count(option: string, text: string, min: number): number {
  const value = /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min) return value;
  throw new Error(`expected --${option} from ${min} to 9999, got ${text}`);
}

try {
  await run();
} catch (error) {
  process.stderr.write(`stress: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
