// A process that writes into a history is killed in its commits, again and again.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { killWriter } from './history/kill-writer.ts';

const usage = `usage: npm run test:kill9-history -- [options]

A process writes batches into a history and is killed (SIGKILL) at drawn numbers of confirmed messages; the file is checked each time,
and in the end every confirmed message has to be there, once and in its place.
  --kills N (100)   --seed N   decides the moments (1)
  --normal          a history that does not wait for the disk
`;

const PROBLEMS_SHOWN_MAX = 50;

async function run(): Promise<void> {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '100' },
      seed: { type: 'string', default: '1' },
      normal: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return;
  }
  const [kills, seed] = [count('kills', values.kills), count('seed', values.seed)];
  const durability = values.normal ? 'normal' : 'full';
  process.stdout.write(`seed ${seed}\n`);
  const folder = await mkdtemp(join(tmpdir(), 'parley-kill9-history-'));
  const begin = performance.now();
  const { problems, ...counts } = await killWriter({
    file: join(folder, 'history.sqlite3'),
    durability,
    kills,
    seed,
  });
  await rm(folder, { recursive: true });
  const wallSeconds = Math.round((performance.now() - begin) / 1_000);
  for (const problem of problems.slice(0, PROBLEMS_SHOWN_MAX)) process.stdout.write(`${problem}\n`);
  process.stdout.write(
    `${JSON.stringify({ kills, durability, ...counts, problems: problems.length, wallSeconds })}\n`,
  );
  process.exitCode = problems.length === 0 ? 0 : 1;
}

function count(option: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new Error(`expected --${option} as a whole number from 1 on, got ${text}`);
}

try {
  await run();
} catch (error) {
  process.stderr.write(`test:kill9-history: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
