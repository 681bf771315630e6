// A long storm of kills: npm run test:kill9 -- --kills 20 --seed 1 --clients 4, and --normal for a history that
// does not wait for the disk
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { playKillStorm } from './support/kill-storm.ts';

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    clients: { type: 'string', default: '4' },
    normal: { type: 'boolean', default: false },
  },
});
const [kills, seed, clients] = [Number(values.kills), Number(values.seed), Number(values.clients)];
const durability = values.normal ? 'normal' : 'full';
process.stdout.write(`seed ${seed}\n`);
const folder = await mkdtemp(join(tmpdir(), 'parley-kill9-'));
const begin = performance.now();
const { messages, problems } = await playKillStorm({ folder, seed, kills, clients, durability });
await rm(folder, { recursive: true });
const wallSeconds = Math.round((performance.now() - begin) / 1_000);
for (const problem of problems) process.stdout.write(`${problem}\n`);
process.stdout.write(
  `${JSON.stringify({ kills, clients, durability, messages, problems: problems.length, wallSeconds })}\n`,
);
process.exitCode = problems.length === 0 ? 0 : 1;
