import type { HandlerContext } from '../handlers/handler.ts';
import type { Room } from '../room.ts';

/** Whether a place may have so many roles more; refuses the request otherwise. */
export function hasPlaceForRole(
  { state, effects, session }: HandlerContext,
  requestId: number,
  room: Room | undefined,
  count: number,
): boolean {
  const { rolesPerPlaceMax } = state.limits;
  if (state.accounts.rolesAt(room?.key).length + count <= rolesPerPlaceMax) return true;
  const message = `at most ${rolesPerPlaceMax} users may have a role here`;
  effects.refuse(session, requestId, { code: 'limit-reached', message });
  return false;
}
