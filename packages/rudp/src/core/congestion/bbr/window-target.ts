import { type BbrState, gains } from './states.ts';

/** One segmentation-offload train: two of them may be on their way between the driver and the path. */
const trainBytesMax = 65_536;

/** Bytes that a state wants in flight, from what the model of the path knows: bytes, and bytes per second. */
export function windowTargetBytes(
  state: BbrState,
  model: { readonly bandwidth: number; readonly inflightBytes: number; readonly extraAckedBytes: number },
): number {
  if (model.bandwidth === 0) return Number.POSITIVE_INFINITY;
  const target = gains[state].window * model.inflightBytes;
  if (state === 'probe-rtt') return target;
  const trainBytes = Math.min(model.bandwidth / 1000, trainBytesMax);
  return target + model.extraAckedBytes + 2 * trainBytes;
}
