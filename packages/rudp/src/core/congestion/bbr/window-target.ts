import type { PathEstimate } from './path-estimate.ts';
import { type BbrState, gains } from './states.ts';

/** One segmentation-offload train: two of them may be on their way between the driver and the path. */
const trainBytesMax = 65_536;

/** Bytes that a state wants in flight on a path that `inflightBytes` fill; Infinity before a bandwidth is known. */
export function windowTargetBytes(
  state: BbrState,
  path: Pick<PathEstimate, 'bandwidth' | 'extraAckedBytes'>,
  inflightBytes: number,
): number {
  if (path.bandwidth === 0) return Number.POSITIVE_INFINITY;
  const target = gains[state].window * inflightBytes;
  if (state === 'probe-rtt') return target;
  const trainBytes = Math.min(path.bandwidth / 1000, trainBytesMax);
  return target + path.extraAckedBytes + 2 * trainBytes;
}
