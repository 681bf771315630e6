import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { parseCount, runMain } from '@parley/programs';
import { parseSeed } from '../run-options.ts';
import { hasGrown } from './growth.ts';
import { Soak } from './soak.ts';

const usage = `npm run sim:soak -- [--hours N] [--seed S]
  --hours N    simulated hours (24); at least 3, so that there is something to compare
  --seed S     what is lost, late and twice (1)
One client, one server, virtual time: a file every half minute, one connection that lasts, another address every hour.
A line of JSON for each hour; it fails when a byte is wrong, a file is late, a connection is lost or memory grows.
`;

const HOURS_UNLESS_TOLD = 24;
/** There has to be something to compare. */
const HOURS_MIN = 3;
const HOURS_MAX = 100_000;

/** What the process holds when nothing is left to collect, in MiB: objects and buffers. */
function memoryMiB(collect: () => void): number {
  // Buffers that one collection finds are given back by the next.
  for (let round = 0; round < 3; round += 1) collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return Number(((heapUsed + arrayBuffers) / 2 ** 20).toFixed(2));
}

/** The garbage collector, to be called. */
function collector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

await runMain({ name: 'sim:soak', usage }, async (args) => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      hours: { type: 'string' },
      seed: { type: 'string' },
    },
  });
  const hours = parseCount('hours', values.hours ?? `${HOURS_UNLESS_TOLD}`, {
    min: HOURS_MIN,
    max: HOURS_MAX,
  });
  const seed = parseSeed(values.seed);
  const collect = collector();
  const memory: number[] = [];
  new Soak(seed).run(hours, (hour) => {
    memory.push(memoryMiB(collect));
    process.stdout.write(`${JSON.stringify({ ...hour, memoryMiB: memory.at(-1) })}\n`);
  });
  const isGrowing = hasGrown(memory);
  process.stdout.write(
    `${JSON.stringify({ hours, seed, memoryMiB: [memory[0], memory.at(-1)], isGrowing })}\n`,
  );
  return !isGrowing;
});
