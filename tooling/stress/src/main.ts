// The server program under everything at once: npm run stress -- --seconds 30 --seed 1
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseCount, runMain } from '@parley/programs';
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

const PROBLEMS_SHOWN_MAX = 50;

async function run(args: readonly string[]): Promise<boolean> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: 'string' },
      seed: { type: 'string', default: '1' },
      talkers: { type: 'string' },
      hostiles: { type: 'string' },
      kills: { type: 'string' },
      keep: { type: 'boolean', default: false },
    },
  });
  const count = (option: 'seconds' | 'talkers' | 'hostiles' | 'kills', min: number, otherwise: number) =>
    parseCount(option, values[option] ?? `${otherwise}`, { min, max: 9_999 });
  const seconds = count('seconds', 1, 30);
  const talkers = count('talkers', 1, 8);
  const hostiles = count('hostiles', 0, Math.min(seconds * 4, 9_999));
  const kills = count('kills', 0, Math.max(1, Math.floor(seconds / 10)));
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
  return problems.length === 0;
}

await runMain({ name: 'stress', usage, handlesSignals: true }, run);
