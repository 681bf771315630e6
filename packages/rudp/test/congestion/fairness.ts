import type { CongestionControllerName } from '../../src/core/index.ts';
import { SharedBottleneck } from '../support/shared-bottleneck.ts';

/** Flows that share a bottleneck, in the order in which they start; the queue in BDP. */
export interface Contest {
  readonly controllers: readonly CongestionControllerName[];
  readonly rateMbps: number;
  readonly rttMs: number;
  readonly queueBdp: number;
  readonly seconds: number;
  readonly seed: number;
  /** Time between the starts of two flows, two round trips unless told. */
  readonly leadMs?: number | undefined;
}

/** What each flow got, in parts of an equal share of what all got together: 1 is fair. */
export interface Shares {
  /** From the beginning. */
  readonly whole: readonly number[];
  /** In the last two thirds: flows have had time to converge. */
  readonly late: readonly number[];
  /** Part of the line that stream bytes filled. */
  readonly utilization: number;
}

/** Runs the real transport over a simulated bottleneck in virtual time. */
export function runContest(contest: Contest): Shares {
  const { controllers, rateMbps, rttMs, seconds, seed } = contest;
  const bdpBytes = rateMbps * 125 * rttMs;
  const queueBytes = contest.queueBdp * bdpBytes;
  const bottleneck = new SharedBottleneck({
    seed,
    controllers,
    rateMbps,
    rttMs,
    queueBytes,
    leadMs: contest.leadMs,
  });
  bottleneck.run((seconds * 1000) / 3);
  const early = bottleneck.deliveredBytes;
  bottleneck.run(seconds * 1000);
  const delivered = bottleneck.deliveredBytes;
  const late = delivered.map((bytes, index) => bytes - (early[index] ?? 0));
  const utilization = sum(delivered) / (rateMbps * 125_000 * seconds);
  return { whole: partsOfEqualShare(delivered), late: partsOfEqualShare(late), utilization };
}

/** Jain's index: 1 when all have the same, 1/n when one has everything. */
export function jainIndex(values: readonly number[]): number {
  return sum(values) ** 2 / (values.length * sum(values.map((value) => value ** 2)));
}

function partsOfEqualShare(bytes: readonly number[]): number[] {
  const equal = sum(bytes) / bytes.length;
  return bytes.map((value) => value / equal);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
