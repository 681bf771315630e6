import { parseArgs } from 'node:util';
import { createRandom } from '@parley/netsim';
import { parseCount, parseNames, parseNumber, runMain } from '@parley/programs';
import { fuzzTargets } from './support/fuzz-targets.ts';

const usage = `npm run fuzz -- [options]
  --seconds N   how long (60 unless told)
  --seed S      first seed (1 unless told); each round takes the next
  --target T    one target instead of all in turn: ${fuzzTargets.map(({ name }) => name).join(', ')}
`;

/** Throws inputs at every target in turn until the time is over; the last line is JSON. Exit code 1 when something was found. */
function fuzz(seconds: number, firstSeed: number, names: readonly string[]): boolean {
  const startedAtMs = performance.now();
  const totals = { rounds: 0, inputs: 0, failed: 0 };
  const inputsByTarget: Record<string, number> = {};
  const ends: Record<string, number> = {};
  for (let seed = firstSeed; performance.now() - startedAtMs < seconds * 1000; seed += 1) {
    for (const { name, run } of fuzzTargets.filter((target) => names.includes(target.name))) {
      totals.rounds += 1;
      try {
        const outcome = run(createRandom(`${name}-${seed}`));
        totals.inputs += outcome.inputs;
        inputsByTarget[name] = (inputsByTarget[name] ?? 0) + outcome.inputs;
        for (const kind of outcome.ends) ends[kind] = (ends[kind] ?? 0) + 1;
      } catch (error) {
        totals.failed += 1;
        const replay = `npm run fuzz -- --target '${name}' --seed ${seed} --seconds 1`;
        process.stdout.write(`FOUND by ${name}, seed ${seed}: ${error}\n  replay: ${replay}\n`);
      }
    }
  }
  const wallSeconds = Number(((performance.now() - startedAtMs) / 1000).toFixed(1));
  process.stdout.write(`${JSON.stringify({ ...totals, inputsByTarget, ends, wallSeconds })}\n`);
  return totals.failed === 0;
}

await runMain({ name: 'fuzz', usage }, async (args) => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: 'string', default: '60' },
      seed: { type: 'string', default: '1' },
      target: { type: 'string' },
    },
  });
  const known = fuzzTargets.map(({ name }) => name);
  const names = values.target === undefined ? known : parseNames('target', values.target, known);
  const seconds = parseNumber('seconds', values.seconds, { min: 0.001, max: 1e6 });
  return fuzz(seconds, parseCount('seed', values.seed, { min: 0, max: Number.MAX_SAFE_INTEGER }), names);
});
