import { ROLES_MAX, type RoleEntry } from '@parley/protocol';
import type { Place } from '../../../accounts/account-store.ts';
import { isOver } from '../../accounts/expiry.ts';
import { isOpenTo, mayDo } from '../../accounts/standing.ts';
import type { ServerState } from '../../server-state.ts';
import type { MemberHandler } from '../handler.ts';
import { findPlace } from '../rooms/find-room.ts';

/** Tells who has which role in a room, or in the whole server, and how the room is kept. */
// CHAT-ROLE-1
export const handleListRoles: MemberHandler<'list-roles'> = (context, message, member) => {
  const { state, effects, session, now } = context;
  const { requestId } = message;
  const place = findPlace(context, message);
  if (place === undefined || !mayDo(context, requestId, member, 'list-roles', place.room)) return;
  const { room } = place;
  if (room !== undefined && !isOpenTo(state, member.userId, room)) {
    const problem = `${room.name} is for those who were invited`;
    effects.refuse(session, requestId, { code: 'room-invite-only', message: problem });
    return;
  }
  const { entry, slowModeMs } = state.accounts.settingsOf(room?.key ?? '');
  const roles = rolesAt(state, room?.key, state.timeAt(now));
  effects.send(session.connectionId, {
    type: 'roles',
    requestId,
    room: room?.name,
    entry,
    slowModeMs,
    roles,
  });
};

/** Those who keep the place, then those who are kept quiet, then everybody else who has a role. */
function rolesAt({ accounts }: ServerState, roomKey: Place, time: number): readonly RoleEntry[] {
  const roles = accounts.rolesAt(roomKey);
  const muted = accounts.mutesAt(roomKey).filter((mute) => !isOver(mute, time));
  const entries: RoleEntry[] = [];
  for (const wanted of ['operator', 'owner', 'moderator', 'muted', 'member'] as const) {
    const some =
      wanted === 'muted'
        ? muted.map(({ nickname, until }) => ({ nickname, until }))
        : roles.filter(({ role }) => role === wanted).map(({ nickname }) => ({ nickname, until: undefined }));
    entries.push(...some.map((one) => ({ ...one, role: wanted })));
  }
  return entries.slice(0, ROLES_MAX);
}
