import type { Violation } from '../checkers/violations.ts';
import { failureText, planLines } from '../report/failure-text.ts';
import { drawChatPlan } from './plan/draw-plan.ts';

/** The text of a failed run of the chat. */
export function reportChatFailure(seed: number, violations: readonly Violation[]): string {
  const { happenings, ...rest } = drawChatPlan(seed);
  return failureText({ seed, violations, plan: planLines(rest, happenings), script: 'sim:chat' });
}
