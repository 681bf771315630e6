// A long storm of kills.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { playKillStorm } from './support/kill-storm.ts';

const usage = `usage: npm run test:kill9 -- [options]

Clients talk with four messages each on the way, the server program is killed (SIGKILL) and started again on the same data folder; in
the end the log and what every client saw are compared.
  --kills N (20)   --clients N (4)   --seed N   decides the moments (1)
  --normal         a history that does not wait for the disk
`;

async function run(): Promise<void> {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '20' },
      seed: { type: 'string', default: '1' },
      clients: { type: 'string', default: '4' },
      normal: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return;
  }
  const [kills, seed, clients] = [
    count('kills', values.kills),
    count('seed', values.seed),
    count('clients', values.clients),
  ];
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
}

function count(option: string, text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new Error(`expected --${option} as a whole number from 1 on, got ${text}`);
}

try {
  await run();
} catch (error) {
  process.stderr.write(`test:kill9: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
