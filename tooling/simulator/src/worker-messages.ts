import type { Violation } from './checkers/violations.ts';

/** What a worker is told to do. */
export interface WorkerTask {
  readonly seed: number;
}

/** What became of one run. */
export interface WorkerAnswer {
  readonly seed: number;
  readonly violations: readonly Violation[];
  readonly simulatedMs: number;
  /** What is counted over all runs, by kind: how the connections ended, for one. */
  readonly tallies: Readonly<Record<string, number>>;
  /** Files with the trace. */
  readonly files: readonly string[];
}
