import type { Violation } from './checkers/violations.ts';
import type { RunOptions } from './run-options.ts';
import { runSeeds } from './worker-pool.ts';

/** What is simulated. */
export interface Simulator {
  /** Answers a `WorkerTask` with a `WorkerAnswer`. */
  readonly workerUrl: URL;
  /** What the tallies of a run count, for the line above the last. */
  readonly tallyTitle: string;
  readonly reportFailure: (seed: number, violations: readonly Violation[]) => string;
}

const TRACE_FOLDER = 'sim-traces';
const PROGRESS_EVERY_SECONDS = 10;

/** Runs seeds, prints what failed, and the totals as the last line; whether nothing failed. */
export async function simulate(options: RunOptions, simulator: Simulator): Promise<boolean> {
  const startedAtMs = performance.now();
  const secondsSinceStart = () => (performance.now() - startedAtMs) / 1000;
  const endSeed = options.seed + options.runs;
  const totals = { runs: 0, failed: 0, simulatedMs: 0, tallies: {} as Record<string, number> };
  let seed = options.seed;
  let reportedSeconds = 0;
  await runSeeds({
    workerUrl: simulator.workerUrl,
    workers: Math.min(options.workers, options.runs),
    traceFolder: options.isTraced ? TRACE_FOLDER : undefined,
    nextSeed: () => (seed < endSeed && secondsSinceStart() < options.minutes * 60 ? seed++ : undefined),
    onAnswer: ({ seed: answered, violations, simulatedMs, tallies, files }) => {
      totals.runs += 1;
      totals.simulatedMs += simulatedMs;
      for (const [kind, count] of Object.entries(tallies)) {
        totals.tallies[kind] = (totals.tallies[kind] ?? 0) + count;
      }
      for (const file of files) process.stdout.write(`wrote ${file}\n`);
      if (violations.length > 0) {
        totals.failed += 1;
        process.stdout.write(`${simulator.reportFailure(answered, violations)}\n`);
      }
      if (secondsSinceStart() - reportedSeconds < PROGRESS_EVERY_SECONDS) return;
      reportedSeconds = secondsSinceStart();
      process.stderr.write(`${totals.runs} runs, ${totals.failed} failed, ${reportedSeconds.toFixed(0)} s\n`);
    },
  });
  const { runs, failed, simulatedMs, tallies } = totals;
  process.stdout.write(`${simulator.tallyTitle}: ${JSON.stringify(tallies)}\n`);
  const simulatedHours = Number((simulatedMs / 3_600_000).toFixed(4));
  const wallSeconds = Number(secondsSinceStart().toFixed(3));
  process.stdout.write(`${JSON.stringify({ runs, failed, simulatedHours, wallSeconds })}\n`);
  return failed === 0;
}
