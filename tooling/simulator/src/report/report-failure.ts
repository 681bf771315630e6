import type { Violation } from '../checkers/violations.ts';
import { describePlan } from '../plan/describe-plan.ts';
import { drawPlan } from '../plan/draw-plan.ts';

/** What a failed run tells its reader: what was promised and broken, what the run was, and how to see it again. */
export function reportFailure(seed: number, violations: readonly Violation[]): string {
  return [
    `seed ${seed} failed:`,
    ...violations.map(({ atMs, checker, text }) => `  ${atMs.toFixed(3)} ms  ${checker}: ${text}`),
    'plan:',
    ...describePlan(drawPlan(seed))
      .split('\n')
      .map((line) => `  ${line}`),
    `replay: npm run sim -- --seed ${seed} --runs 1 --trace`,
    '',
  ].join('\n');
}
