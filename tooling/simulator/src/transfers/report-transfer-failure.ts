import type { Violation } from '../checkers/violations.ts';
import { failureText, planLines } from '../report/failure-text.ts';
import { drawTransferPlan } from './plan/draw-plan.ts';

/** The text of a failed run of transfers. */
export function reportTransferFailure(seed: number, violations: readonly Violation[]): string {
  const { happenings, deaths, ...rest } = drawTransferPlan(seed);
  const plan = planLines(rest, [...deaths, ...happenings]);
  return failureText({ seed, violations, plan, script: 'sim:transfers' });
}
