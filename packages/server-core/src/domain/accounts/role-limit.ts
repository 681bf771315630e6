import type { AccountChange } from '../../accounts/account-store.ts';
import type { HandlerContext } from '../handlers/handler.ts';
import type { Room } from '../rooms/room.ts';

/** Whether a place has room for the roles that changes would add to it; refuses the request otherwise. */
// CHAT-ROLE-1
export function hasPlaceForRoles(
  { state, effects, session }: HandlerContext,
  requestId: number,
  room: Room | undefined,
  changes: readonly AccountChange[],
): boolean {
  const { accounts, additionsUnderWay } = state;
  const { rolesPerPlaceMax } = state.limits;
  const isNew = (change: AccountChange) =>
    change.type === 'put-role' && accounts.roleOf(change.role.userId, room?.key) === undefined;
  const count = changes.filter(isNew).length;
  const underWay = additionsUnderWay.countOf({ type: 'put-role', roomKey: room?.key });
  if (count === 0 || accounts.rolesAt(room?.key).length + underWay + count <= rolesPerPlaceMax) return true;
  const message = `at most ${rolesPerPlaceMax} users may have a role here`;
  effects.refuse(session, requestId, { code: 'limit-reached', message });
  return false;
}
