import { ClientError } from '../errors.ts';
import { TRANSFERS_KEPT_MAX } from '../limits.ts';
import type { TransferEntry, TransferPriority } from './transfer.ts';
import { isTransferOpen, isTransferOver } from './transfer-state.ts';

const RANKS: Readonly<Record<TransferPriority, number>> = { high: 0, normal: 1, low: 2 };

/** Those whose turn has come: of what waits the most urgent, in the order of the requests, while there is room. */
export function nextInLine(entries: Iterable<TransferEntry>, openMax: number): readonly TransferEntry[] {
  const all = [...entries];
  const openCount = all.filter(({ transfer }) => isTransferOpen(transfer.state)).length;
  if (openCount >= openMax) return [];
  return all
    .filter(({ transfer }) => transfer.state === 'waiting')
    .sort((left, right) => RANKS[left.transfer.priority] - RANKS[right.transfer.priority])
    .slice(0, openMax - openCount);
}

/** Forgets the oldest that is over when there are as many as are kept; throws `too-many-requests` when none is. */
export function makeRoom(entries: Map<number, TransferEntry>): void {
  if (entries.size < TRANSFERS_KEPT_MAX) return;
  for (const [number, { transfer }] of entries) {
    if (!isTransferOver(transfer.state)) continue;
    entries.delete(number);
    return;
  }
  throw new ClientError('too-many-requests', `${TRANSFERS_KEPT_MAX} transfers are waiting already`);
}

/** Those that wait, then those that are open. */
export function waitingFirst(entries: Iterable<TransferEntry>): readonly TransferEntry[] {
  return [...entries].sort(
    (left, right) =>
      Number(isTransferOpen(left.transfer.state)) - Number(isTransferOpen(right.transfer.state)),
  );
}
