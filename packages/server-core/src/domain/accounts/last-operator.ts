import type { UserId } from '../../history/history-store.ts';
import type { ServerState } from '../server-state.ts';

/** Whether somebody can still do everything when this user no longer can; who is leaving does not count. */
// CHAT-ROLE-3
export function leavesAnOperator({ accounts, operatorsLeaving }: ServerState, userId: UserId): boolean {
  const leaving = new Set([...operatorsLeaving].map((operator) => operator.userId));
  return accounts.rolesAt(undefined).some((other) => other.userId !== userId && !leaving.has(other.userId));
}
