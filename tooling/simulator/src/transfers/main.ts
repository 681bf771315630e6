import { runMain } from '@parley/programs';
import { parseRunOptions, runUsage } from '../run-options.ts';
import { type Simulator, simulate } from '../simulate.ts';
import { watchAwaits } from './awaits/watch-awaits.ts';
import { reportTransferFailure } from './report-transfer-failure.ts';

const CRASH_OPTION = '--crash-everywhere';

const usage = `npm run sim:transfers -- [SEED] [options]
${runUsage}  --trace            writes transfers-seed-N.log to ./sim-traces
  ${CRASH_OPTION} lets a process die at each of the steps of a few small transfers in turn, and of what it goes on with after a first death, with and
                   without its machine
`;

const simulator: Simulator = {
  workerUrl: new URL('./worker.ts', import.meta.url),
  tallyTitle: 'wanted files by what became of them',
  reportFailure: reportTransferFailure,
};

await runMain({ name: 'sim:transfers', usage }, async (args) => {
  const options = parseRunOptions(args.filter((argument) => argument !== CRASH_OPTION));
  if (options.kind === 'scenario') throw new Error('transfers have no scenarios');
  if (!args.includes(CRASH_OPTION)) return simulate(options, simulator);
  const placesOf = watchAwaits();
  // What moves files is loaded with it: not before it is watched.
  const { crashEverywhere } = await import('./crash-everywhere.ts');
  return crashEverywhere(options.seed, { print: (text) => void process.stdout.write(text), placesOf });
});
