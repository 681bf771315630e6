import type { Violation } from '../checkers/violations.ts';
import { drawChatPlan } from './plan/draw-plan.ts';

/** What a failed run tells its reader: what was promised and broken, what the run was, and how to see it again. */
export function reportChatFailure(seed: number, violations: readonly Violation[]): string {
  const { happenings, ...rest } = drawChatPlan(seed);
  return [
    `seed ${seed} failed:`,
    ...violations.map(({ atMs, checker, text }) => `  ${atMs.toFixed(3)} ms  ${checker}: ${text}`),
    'plan:',
    ...Object.entries(rest).map(([name, value]) => `  ${name}: ${JSON.stringify(value)}`),
    ...happenings.map((happening) => `  ${JSON.stringify(happening)}`),
    `replay: npm run sim:chat -- --seed ${seed} --runs 1 --trace`,
    '',
  ].join('\n');
}
