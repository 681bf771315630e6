import { runMain } from '@parley/programs';
import { parseCommandLine, usage } from './command-line.ts';
import { reportFailure } from './report/report-failure.ts';
import { runScenario } from './scenarios/scenarios.ts';
import { type Simulator, simulate } from './simulate.ts';

const simulator: Simulator = {
  workerUrl: new URL('./worker.ts', import.meta.url),
  tallyTitle: 'connections by their end',
  reportFailure,
};

/** Runs named scenarios, prints their figures, and the totals as the last line. */
function play(names: readonly string[]): boolean {
  const startedAtMs = performance.now();
  let failed = 0;
  let simulatedMs = 0;
  for (const name of names) {
    const outcome = runScenario(name);
    simulatedMs += outcome.simulatedMs;
    const verdict = outcome.isSound ? (outcome.isGoalMet ? 'passed' : 'missed') : 'BROKEN';
    if (verdict !== 'passed') failed += 1;
    process.stdout.write(`${verdict}  ${name}: ${outcome.text}\n`);
  }
  const simulatedHours = Number((simulatedMs / 3_600_000).toFixed(4));
  const wallSeconds = Number(((performance.now() - startedAtMs) / 1000).toFixed(3));
  process.stdout.write(`${JSON.stringify({ runs: names.length, failed, simulatedHours, wallSeconds })}\n`);
  return failed === 0;
}

await runMain({ name: 'sim', usage }, async (args) => {
  const options = parseCommandLine(args);
  return options.kind === 'scenarios' ? play(options.names) : simulate(options, simulator);
});
