import type { PathEstimate } from './path-estimate.ts';
import { type BbrState, GAINS } from './states.ts';

/** One segmentation-offload train: two of them may be on their way between the driver and the path. */
const TRAIN_BYTES_MAX = 65_536;

/** Bytes that a state wants in flight on a path that `inflightBytes` fill; Infinity before a bandwidth is known. */
export function windowTargetBytes(
  state: BbrState,
  path: Pick<PathEstimate, 'bandwidth' | 'extraAckedBytes'>,
  inflightBytes: number,
): number {
  if (path.bandwidth === 0) return Number.POSITIVE_INFINITY;
  const target = GAINS[state].window * inflightBytes;
  if (state === 'probe-rtt') return target;
  const trainBytes = Math.min(path.bandwidth / 1000, TRAIN_BYTES_MAX);
  return target + path.extraAckedBytes + 2 * trainBytes;
}

/** Bytes that may be in flight after an overflow: a bound from a time of less bandwidth must not keep the path from being filled. */
// RUDP-CC-11
export function windowBoundBytes(
  path: Pick<PathEstimate, 'bounds' | 'extraAckedBytes'>,
  inflightBytes: number,
): number {
  return Math.max(path.bounds.inflightBytes, inflightBytes + path.extraAckedBytes);
}
