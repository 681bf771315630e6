import type { EffectList } from '../effect-list.ts';
import type { ServerState } from '../server-state.ts';
import type { Session } from '../sessions/session.ts';
import type { Transfer } from './transfer-registry.ts';

/** Begins a transfer that was asked for, or tells its client that it waits. */
// CHAT-QUEUE-1
export function beginOrQueue(effects: EffectList, session: Session, transfer: Transfer): void {
  const { transferId, requestId: request, state, opening } = transfer;
  if (state === 'queued') {
    session.pendingRequests -= 1;
    effects.send(session.connectionId, { type: 'transfer-queued', request, transferId });
  } else effects.add(opening);
}

/** Others have ended: begins those for which there is room now. */
export function giveTurns({ transfers }: ServerState, effects: EffectList): void {
  for (let next = transfers.pollTurn(); next !== undefined; next = transfers.pollTurn()) {
    // What waits goes with its session.
    if (next.session !== undefined) next.session.pendingRequests += 1;
    effects.add(next.opening);
  }
}
