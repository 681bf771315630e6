import { type CommandLine, parseCommandLine, usage } from './command-line.ts';
import { reportFailure } from './report/report-failure.ts';
import { runScenario } from './scenarios/scenarios.ts';
import { runSeeds } from './worker-pool.ts';

const traceFolder = 'sim-traces';
const progressEverySeconds = 10;

/** Runs seeds, prints what failed, and the totals as the last line. */
async function simulate(options: CommandLine & { kind: 'runs' }): Promise<boolean> {
  const startedAtMs = performance.now();
  const secondsSinceStart = () => (performance.now() - startedAtMs) / 1000;
  const endSeed = options.seed + options.runs;
  const totals = { runs: 0, failed: 0, simulatedMs: 0, ends: {} as Record<string, number> };
  let seed = options.seed;
  let reportedSeconds = 0;
  await runSeeds({
    workers: Math.min(options.workers, options.runs),
    traceFolder: options.isTraced ? traceFolder : undefined,
    nextSeed: () => (seed < endSeed && secondsSinceStart() < options.minutes * 60 ? seed++ : undefined),
    onAnswer: ({ seed: answered, violations, simulatedMs, ends, files }) => {
      totals.runs += 1;
      totals.simulatedMs += simulatedMs;
      for (const [kind, count] of Object.entries(ends)) totals.ends[kind] = (totals.ends[kind] ?? 0) + count;
      for (const file of files) process.stdout.write(`wrote ${file}\n`);
      if (violations.length > 0) {
        totals.failed += 1;
        process.stdout.write(`${reportFailure(answered, violations)}\n`);
      }
      if (secondsSinceStart() - reportedSeconds < progressEverySeconds) return;
      reportedSeconds = secondsSinceStart();
      process.stderr.write(`${totals.runs} runs, ${totals.failed} failed, ${reportedSeconds.toFixed(0)} s\n`);
    },
  });
  const { runs, failed, simulatedMs, ends } = totals;
  process.stdout.write(`connections by their end: ${JSON.stringify(ends)}\n`);
  const simulatedHours = Number((simulatedMs / 3_600_000).toFixed(4));
  const wallSeconds = Number(secondsSinceStart().toFixed(3));
  process.stdout.write(`${JSON.stringify({ runs, failed, simulatedHours, wallSeconds })}\n`);
  return failed === 0;
}

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

async function main(): Promise<boolean> {
  const options = parseCommandLine(process.argv.slice(2));
  if (options.kind === 'runs') return simulate(options);
  if (options.kind === 'scenarios') return play(options.names);
  process.stdout.write(usage);
  return true;
}

// Whoever reads only the beginning, as `head` does, has seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(1);
});

try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  process.stderr.write(`sim: ${error instanceof Error ? error.message : error}\n${usage}`);
  process.exitCode = 2;
}
