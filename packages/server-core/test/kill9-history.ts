// A process that writes into a history is killed in its commits: npm run test:kill9-history -- --kills 100 --seed 1, and
// --normal for a history that does not wait for the disk
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { killWriter } from './history/kill-writer.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    normal: { type: 'boolean', default: false },
  },
});
const [kills, seed] = [Number(values.kills), Number(values.seed)];
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
for (const problem of problems.slice(0, 50)) process.stdout.write(`${problem}\n`);
process.stdout.write(
  `${JSON.stringify({ kills, durability, ...counts, problems: problems.length, wallSeconds })}\n`,
);
process.exitCode = problems.length === 0 ? 0 : 1;
