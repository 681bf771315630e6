import { formatTraceRecord, type Trace } from './trace.ts';

/** Why a simulation was given up. */
export type SimulationErrorCode =
  /** More virtual time went by than allowed. */
  | 'time-limit'
  /** More steps than allowed. */
  | 'steps-limit'
  /** Time stands still: an endpoint's deadline stays in the past, or it never stops sending. */
  | 'no-progress'
  /** Nothing is left to happen, and what was waited for did not come true. */
  | 'idle';

/** A simulation did not get where it should; the message names the seed and the last datagrams. */
export class SimulationError extends Error {
  readonly code: SimulationErrorCode;
  readonly seed: string;

  constructor(
    code: SimulationErrorCode,
    details: { reason: string; seed: string; nowMs: number; waiting: string; trace: Trace },
  ) {
    const { reason, seed, nowMs, waiting, trace } = details;
    const last = trace.records.slice(-10).map((record) => `  ${formatTraceRecord(record)}`);
    super(
      [
        `${code}: ${reason} (seed ${seed}, now ${nowMs} ms)`,
        `waiting: ${waiting}`,
        `last datagrams of ${trace.datagramCount}:`,
        ...last,
      ].join('\n'),
    );
    this.name = 'SimulationError';
    this.code = code;
    this.seed = seed;
  }
}
