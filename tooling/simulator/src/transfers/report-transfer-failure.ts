import type { Violation } from '../checkers/violations.ts';
import { drawTransferPlan } from './plan/draw-plan.ts';

/** What a failed run tells its reader: what was promised and broken, what the run was, and how to see it again. */
export function reportTransferFailure(seed: number, violations: readonly Violation[]): string {
  const { happenings, deaths, ...rest } = drawTransferPlan(seed);
  return [
    `seed ${seed} failed:`,
    ...violations.map(({ atMs, checker, text }) => `  ${atMs.toFixed(3)} ms  ${checker}: ${text}`),
    'plan:',
    ...Object.entries(rest).map(([name, value]) => `  ${name}: ${JSON.stringify(value)}`),
    ...[...deaths, ...happenings].map((one) => `  ${JSON.stringify(one)}`),
    `replay: npm run sim:transfers -- --seed ${seed} --runs 1 --trace`,
    '',
  ].join('\n');
}
