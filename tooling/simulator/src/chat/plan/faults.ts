import type { Random } from '@parley/netsim';

const FAULT_NAMES = [
  'split-frames',
  'slow-lines',
  'jitter',
  'small-queues',
  'slow-store',
  'small-batches',
  'retention',
  'small-allowances',
  'few-rooms',
  'few-connections',
  'forgetful-server',
  'cuts',
  'freezes',
  'black-outs',
  'slow-readers',
  'sleeps',
  'program-deaths',
  'store-stalls',
  'store-failures',
  'server-kills',
  'server-restarts',
  'clock-jumps',
  'takeovers',
  'hostiles',
] as const;

/** A kind of trouble that a run either has or does not have. */
export type ChatFaultName = (typeof FAULT_NAMES)[number];

const RARE_FAULTS: readonly ChatFaultName[] = ['forgetful-server', 'few-connections'];

/** Which faults exist in a run at all (swarm testing): runs with everything at once hide what shows when one is alone. */
export function drawChatFaults(random: Random): ReadonlySet<ChatFaultName> {
  const share = random.pick([0.05, 0.15, 0.3, 0.6]);
  return new Set(FAULT_NAMES.filter((name) => random.chance(RARE_FAULTS.includes(name) ? share / 3 : share)));
}
