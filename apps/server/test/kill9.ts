// A long storm of kills.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { atExit, parseCount, runMain } from '@parley/programs';
import { playKillStorm } from './support/kill-storm.ts';

const usage = `usage: npm run test:kill9 -- [options]

Clients talk with four messages each on the way, the server program is killed (SIGKILL) and started again on the same data folder; in
the end the log and what every client saw are compared.
  --kills N (20)   --clients N (4)   --seed N   decides the moments (1)
  --normal         a history that does not wait for the disk
`;

const SEED_MAX = 2 ** 32;

async function run(args: readonly string[]): Promise<boolean> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      kills: { type: 'string', default: '20' },
      seed: { type: 'string', default: '1' },
      clients: { type: 'string', default: '4' },
      normal: { type: 'boolean', default: false },
    },
  });
  const kills = parseCount('kills', values.kills, { max: 100_000 });
  const clients = parseCount('clients', values.clients, { max: 100 });
  const seed = parseCount('seed', values.seed, { max: SEED_MAX });
  const durability = values.normal ? 'normal' : 'full';
  process.stdout.write(`seed ${seed}\n`);
  const folder = mkdtempSync(join(tmpdir(), 'parley-kill9-'));
  atExit(() => rmSync(folder, { recursive: true, force: true }));
  const begin = performance.now();
  const { messages, problems } = await playKillStorm({ folder, seed, kills, clients, durability });
  const wallSeconds = Math.round((performance.now() - begin) / 1_000);
  for (const problem of problems) process.stdout.write(`${problem}\n`);
  process.stdout.write(
    `${JSON.stringify({ kills, clients, durability, messages, problems: problems.length, wallSeconds })}\n`,
  );
  return problems.length === 0;
}

await runMain({ name: 'test:kill9', usage }, run);
