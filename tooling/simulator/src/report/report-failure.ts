import type { Violation } from '../checkers/violations.ts';
import { describePlan } from '../plan/describe-plan.ts';
import { drawPlan } from '../plan/draw-plan.ts';
import { failureText } from './failure-text.ts';

/** The text of a failed run of the transport. */
export function reportFailure(seed: number, violations: readonly Violation[]): string {
  return failureText({ seed, violations, plan: describePlan(drawPlan(seed)).split('\n'), script: 'sim' });
}
