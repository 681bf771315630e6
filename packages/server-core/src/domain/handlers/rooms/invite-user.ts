import { decree } from '../../accounts/decree.ts';
import { findTarget } from '../../accounts/find-target.ts';
import { hasPlaceForRoles } from '../../accounts/role-limit.ts';
import { mayDo } from '../../accounts/standing.ts';
import type { MemberHandler } from '../handler.ts';
import { findPublicRoom } from './find-room.ts';

/** Lets somebody into a room for those who were invited. */
// CHAT-ENTRY-1
export const handleInviteUser: MemberHandler<'invite-user'> = (context, message, by) => {
  const { state } = context;
  const { requestId } = message;
  const room = findPublicRoom(context, message);
  if (room === undefined || !mayDo(context, requestId, by, 'invite-user', room)) return;
  const target = findTarget(context, requestId, message.nickname);
  if (target === undefined) return;
  const { userId, nickname } = target;
  const hasRole = state.accounts.roleOf(userId, room.key) !== undefined;
  const role = { roomKey: room.key, userId, nickname, role: 'member' } as const;
  const changes = hasRole ? [] : [{ type: 'put-role', role } as const];
  if (!hasPlaceForRoles(context, requestId, room, changes)) return;
  decree(
    context,
    { requestId, by, action: 'invite-user', room, target: nickname, detail: '', changes },
    (later) => {
      for (const { connectionId } of later.state.sessions.sessionsOf(userId)) {
        later.effects.send(connectionId, { type: 'invited', room: room.name, by: by.nickname });
      }
      return undefined;
    },
  );
};
