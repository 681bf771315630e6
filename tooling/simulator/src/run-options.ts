import { parseArgs } from 'node:util';
import { parseCount } from '@parley/programs';

/** Which seeds to run, and how. */
export interface RunOptions {
  readonly kind: 'runs';
  readonly seed: number;
  readonly runs: number;
  /** Ends the search after this time, whatever is left of the runs. */
  readonly minutes: number;
  readonly workers: number;
  readonly isTraced: boolean;
}

/** The options that every simulator has, as `--help` prints them, but for `--trace`. */
export const runUsage = `  SEED, --seed S     first seed; with a seed alone one run, without one 200 from seed 1
  --runs N           runs, with the seeds S, S + 1, …
  --minutes M        stops after M minutes; without --runs as many runs as fit
  --workers W        threads (2 unless told)
`;

const RUNS_UNLESS_TOLD = 200;
const WORKERS_UNLESS_TOLD = 2;
const WORKERS_MAX = 256;

/** Parses the arguments; throws an error that says what was expected. `scenario` is for who has scenarios. */
export function parseRunOptions(
  args: readonly string[],
): RunOptions | { readonly kind: 'scenario'; readonly name: string } {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      seed: { type: 'string' },
      runs: { type: 'string' },
      minutes: { type: 'string' },
      workers: { type: 'string' },
      trace: { type: 'boolean', default: false },
      scenario: { type: 'string' },
    },
  });
  if (values.scenario !== undefined) return { kind: 'scenario', name: values.scenario };
  if (positionals.length > 1) throw new Error(`expected one seed at most, got ${positionals.join(' ')}`);
  const seedText = values.seed ?? positionals[0];
  const minutes = values.minutes === undefined ? Number.POSITIVE_INFINITY : Number(values.minutes);
  if (!(minutes > 0)) throw new Error(`expected --minutes above 0, got ${values.minutes}`);
  const runsDefault = Number.isFinite(minutes)
    ? Number.MAX_SAFE_INTEGER
    : seedText === undefined
      ? RUNS_UNLESS_TOLD
      : 1;
  return {
    kind: 'runs',
    seed: parseSeed(seedText),
    runs: parseCount('runs', values.runs ?? `${runsDefault}`, { max: Number.MAX_SAFE_INTEGER }),
    minutes,
    workers: parseCount('workers', values.workers ?? `${WORKERS_UNLESS_TOLD}`, { max: WORKERS_MAX }),
    isTraced: values.trace,
  };
}

/** The seed of a command line, 1 unless told; throws an error that says what was expected. */
export function parseSeed(text = '1'): number {
  return parseCount('seed', text, { min: 0, max: Number.MAX_SAFE_INTEGER });
}
