import type { LinkOptions, Random } from '@parley/netsim';
import { type FaultName, logarithmic } from './faults.ts';
import type { ManglingPlan } from './plan.ts';

/** What IP and UDP add to a payload. */
const OVERHEAD_BYTES = 28;
/** Payload that every path carries, as the transport may assume. */
const PAYLOAD_BYTES_MIN = 1200;

/** One direction of the path, as it is until the faults end. */
export function drawLink(random: Random, faults: ReadonlySet<FaultName>, isGentle: boolean): LinkOptions {
  const wild = (mild: number, harsh: number) => random.ratio() * (isGentle ? mild : harsh);
  const delayMs = logarithmic(random, 0.1, isGentle ? 200 : 900);
  const rateBitsPerSecond = faults.has('narrow-line')
    ? logarithmic(random, 100e3, 10e6)
    : logarithmic(random, 10e6, 10e9);
  const delayQueueBytes = (rateBitsPerSecond / 8000) * 2 * delayMs;
  const queueBytesMax = faults.has('short-queue')
    ? Math.max(3000, delayQueueBytes * wild(0.5, 0.2))
    : Math.max(65_536, delayQueueBytes * random.pick([1, 4]));
  return {
    delayMs,
    rateBitsPerSecond,
    queueBytesMax: Math.ceil(queueBytesMax),
    ...(faults.has('loss') ? { loss: wild(0.03, 0.4) } : {}),
    ...(faults.has('bursts')
      ? {
          loss: {
            kind: 'gilbert-elliott' as const,
            goodToBadRatio: wild(0.005, 0.05),
            badToGoodRatio: 0.1 + random.ratio() * 0.5,
            lossInBadRatio: wild(0.5, 1),
            lossInGoodRatio: 0,
          },
        }
      : {}),
    ...(faults.has('jitter') ? { jitterMs: wild(10, 300), keepsOrder: random.chance(0.5) } : {}),
    ...(faults.has('reordering')
      ? { reorderRatio: wild(0.05, 0.5), holdBackMs: logarithmic(random, 0.1, isGentle ? 20 : 2000) }
      : {}),
    ...(faults.has('duplication') ? { duplicateRatio: wild(0.1, 0.9) } : {}),
    ...(faults.has('corruption') ? { corruptRatio: wild(0.02, 0.3) } : {}),
    ...(faults.has('small-mtu') ? { mtuBytes: drawMtu(random) } : {}),
  };
}

/** A size at or above what every path must carry. */
export function drawMtu(random: Random): number {
  return random.integer(PAYLOAD_BYTES_MIN, 1500 - OVERHEAD_BYTES) + OVERHEAD_BYTES;
}

/** What happens to datagrams beside what their link does. */
export function drawMangling(
  random: Random,
  faults: ReadonlySet<FaultName>,
  isGentle: boolean,
): ManglingPlan {
  const ratio = (name: FaultName) => (faults.has(name) ? random.ratio() * (isGentle ? 0.02 : 0.3) : 0);
  return {
    replayRatio: ratio('replay'),
    replayFromElsewhereRatio: random.pick([0, 0.5]),
    truncateRatio: ratio('truncation'),
    spliceRatio: ratio('splicing'),
    coalesceRatio: ratio('coalescing'),
  };
}
