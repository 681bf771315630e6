import type { Random } from '@parley/netsim';

const FAULT_NAMES = [
  'loss',
  'bursts',
  'jitter',
  'reordering',
  'duplication',
  'corruption',
  'replay',
  'truncation',
  'splicing',
  'coalescing',
  'narrow-line',
  'short-queue',
  'small-mtu',
  'line-changes',
  'partitions',
  'late-timers',
  'sleeps',
  'clock-jumps',
  'restart',
  'rebind',
  'endpoint-close',
  'syn-flood',
  'forgeries',
  'resets',
] as const;

/** A kind of trouble that a run either has or does not have. */
export type FaultName = (typeof FAULT_NAMES)[number];

/** Faults after which a connection may end in another way than `finished`. */
const DEADLY_FAULTS: readonly FaultName[] = [
  'partitions',
  'restart',
  'endpoint-close',
  'syn-flood',
  'resets',
];

/**
 * Which faults exist in a run at all (swarm testing, Groce and others 2012): runs with everything at once hide what only
 * shows when one fault is alone.
 */
export function drawFaults(random: Random, isGentle: boolean): ReadonlySet<FaultName> {
  const share = random.pick([0, 0.1, 0.25, 0.5]);
  const rare: readonly FaultName[] = ['restart', 'endpoint-close', 'syn-flood', 'resets'];
  const drawn = FAULT_NAMES.filter((name) => random.chance(rare.includes(name) ? share / 2 : share));
  return new Set(isGentle ? drawn.filter((name) => !DEADLY_FAULTS.includes(name)) : drawn);
}

/** A number between two that is as often small as large: its logarithm is uniform. */
export function logarithmic(random: Random, min: number, max: number): number {
  return min * (max / min) ** random.ratio();
}
