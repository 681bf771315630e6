import type { Random } from '@parley/netsim';

const FAULT_NAMES = [
  'reordering',
  'loss',
  'short-writes',
  'disk-errors',
  'server-disk-errors',
  'full-disk',
  'full-server-disk',
  'little-room',
  'slow-disk',
  'stalls',
  'flips',
  'many-deaths',
  'power-losses',
  'late-power-losses',
  'timed-deaths',
  'leaves',
  'edits',
  'own-edits',
  'pauses',
  'cancels',
  'disturbances',
  'darkness',
  'cuts',
  'own-flips',
  'rates',
  'clock-jumps',
  'no-links',
  'crossings',
  'worn-lines',
  'one-way-silence',
  'smaller-rules',
  'folder-troubles',
  'server-folder-troubles',
  'moderation',
  'roommate',
  'twin',
  'revocations',
  'deletions',
  'promotions',
  'emergencies',
] as const;

/** A kind of trouble that a run either has or does not have. */
export type TransferFaultName = (typeof FAULT_NAMES)[number];

/** Which faults exist in a run at all (swarm testing): runs with everything at once hide what shows when one is alone. */
export function drawTransferFaults(random: Random): ReadonlySet<TransferFaultName> {
  const share = random.pick([0.05, 0.15, 0.3, 0.6]);
  return new Set(FAULT_NAMES.filter((_name) => random.chance(share)));
}
