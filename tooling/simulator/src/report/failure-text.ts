import type { Violation } from '../checkers/violations.ts';

/** What a failed run tells its reader: what was promised and broken, what the run was, and how to see it again. */
export function failureText(options: {
  readonly seed: number;
  readonly violations: readonly Violation[];
  /** The plan, line by line. */
  readonly plan: readonly string[];
  /** What replays it: `sim`, `sim:chat` … */
  readonly script: string;
}): string {
  const { seed, violations, plan, script } = options;
  return [
    `seed ${seed} failed:`,
    ...violations.map(({ atMs, checker, text }) => `  ${atMs.toFixed(3)} ms  ${checker}: ${text}`),
    'plan:',
    ...plan.map((line) => `  ${line}`),
    `replay: npm run ${script} -- --seed ${seed} --runs 1 --trace`,
    '',
  ].join('\n');
}

/** A plan whose parts speak for themselves: its properties, and then what happens, a line each. */
export function planLines(properties: object, happenings: readonly object[]): string[] {
  return [
    ...Object.entries(properties).map(([name, value]) => `${name}: ${JSON.stringify(value)}`),
    ...happenings.map((happening) => JSON.stringify(happening)),
  ];
}
