// A process that writes into a history is killed in its commits, again and again.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { atExit, parseCount, runMain } from '@parley/programs';
import { killWriter } from './history/kill-writer.ts';

const usage = `usage: npm run test:kill9-history -- [options]

A process writes batches into a history and is killed (SIGKILL) at drawn numbers of confirmed messages; the file is checked each time,
and in the end every confirmed message has to be there, once and in its place.
  --kills N (100)   --seed N   decides the moments (1)
  --normal          a history that does not wait for the disk
`;

const PROBLEMS_SHOWN_MAX = 50;
const SEED_MAX = 2 ** 32;

async function run(args: readonly string[]): Promise<boolean> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      kills: { type: 'string', default: '100' },
      seed: { type: 'string', default: '1' },
      normal: { type: 'boolean', default: false },
    },
  });
  const kills = parseCount('kills', values.kills, { max: 100_000 });
  const seed = parseCount('seed', values.seed, { max: SEED_MAX });
  const durability = values.normal ? 'normal' : 'full';
  process.stdout.write(`seed ${seed}\n`);
  const folder = mkdtempSync(join(tmpdir(), 'parley-kill9-history-'));
  atExit(() => rmSync(folder, { recursive: true, force: true }));
  const begin = performance.now();
  const { problems, ...counts } = await killWriter({
    file: join(folder, 'history.sqlite3'),
    durability,
    kills,
    seed,
  });
  const wallSeconds = Math.round((performance.now() - begin) / 1_000);
  for (const problem of problems.slice(0, PROBLEMS_SHOWN_MAX)) process.stdout.write(`${problem}\n`);
  process.stdout.write(
    `${JSON.stringify({ kills, durability, ...counts, problems: problems.length, wallSeconds })}\n`,
  );
  return problems.length === 0;
}

await runMain({ name: 'test:kill9-history', usage }, run);
