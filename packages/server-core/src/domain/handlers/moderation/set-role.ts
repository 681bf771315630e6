import type { ClientMessageOf } from '@parley/protocol';
import type { AccountChange, Role } from '../../../accounts/account-store.ts';
import { decree } from '../../accounts/decree.ts';
import { findTarget, isAboveTarget, type Target } from '../../accounts/find-target.ts';
import { leavesAnOperator } from '../../accounts/last-operator.ts';
import { mayGive } from '../../accounts/permissions.ts';
import { hasPlaceForRoles } from '../../accounts/role-limit.ts';
import { mayDo, standingOf } from '../../accounts/standing.ts';
import type { Room } from '../../rooms/room.ts';
import type { Membership } from '../../sessions/session.ts';
import type { HandlerContext, MemberHandler } from '../handler.ts';
import { findPlace } from '../rooms/find-room.ts';

/** Gives somebody a role, or takes it. */
// CHAT-ROLE-4
export const handleSetRole: MemberHandler<'set-role'> = (context, message, by) => {
  const { effects, session } = context;
  const { requestId } = message;
  const place = findPlace(context, message);
  if (place === undefined || !mayDo(context, requestId, by, 'set-role', place.room)) return;
  const { room } = place;
  const role = roleThatCanBeGiven(message, room);
  if (role === undefined) {
    const which = room === undefined ? 'operator and member' : 'owner, moderator and member';
    effects.refuse(session, requestId, { code: 'not-permitted', message: `roles here are ${which}` });
    return;
  }
  const target = findTarget(context, requestId, message.nickname);
  if (target === undefined || !mayChange(context, requestId, by, target, room, role)) return;
  const { nickname } = target;
  const action = 'set-role';
  const changes = changesFor(context, target, room, role);
  if (!hasPlaceForRoles(context, requestId, room, changes)) return;
  const { operatorsLeaving } = context.state;
  const leaving = { userId: target.userId };
  if (room === undefined && role === 'member') operatorsLeaving.add(leaving);
  const onSettled = () => operatorsLeaving.delete(leaving);
  const about = { action, room, target: nickname, detail: role, changes, onSettled };
  decree(context, { requestId, by, ...about }, (later) => {
    // CHAT-ROLE-5
    if (room !== undefined) {
      later.effects.broadcast(room.connections, { type: 'role-changed', room: room.name, nickname, role });
    }
    return undefined;
  });
};

function roleThatCanBeGiven({ role }: ClientMessageOf<'set-role'>, room: Room | undefined): Role | undefined {
  const roles: readonly Role[] =
    room === undefined ? ['operator', 'member'] : ['owner', 'moderator', 'member'];
  return roles.find((one) => one === role);
}

// CHAT-ROLE-3, CHAT-ROLE-4
function mayChange(
  context: HandlerContext,
  requestId: number,
  by: Membership,
  target: Target,
  room: Room | undefined,
  role: Role,
): boolean {
  const { state, effects, session, now } = context;
  const refuse = (code: 'account-required' | 'not-permitted', message: string) => {
    effects.refuse(session, requestId, { code, message });
    return false;
  };
  if (!target.hasAccount) return refuse('account-required', `${target.nickname} has no account`);
  if (target.userId === by.userId) return refuse('not-permitted', 'nobody changes their own role');
  if (room === undefined) {
    const isLoss = role === 'member' && state.accounts.isOperator(target.userId);
    if (!isLoss || leavesAnOperator(state, target.userId)) return true;
    return refuse('not-permitted', `${target.nickname} would be the only operator, and is to stay it`);
  }
  const own = standingOf(state, by.userId, room, state.timeAt(now));
  if (!mayGive(own, role)) return refuse('not-permitted', `you are ${own} here, and cannot give more`);
  return isAboveTarget(context, requestId, by.userId, target, room);
}

function changesFor(
  { state }: HandlerContext,
  { userId, nickname }: Target,
  room: Room | undefined,
  role: Role,
): AccountChange[] {
  const roomKey = room?.key;
  const isKept =
    role !== 'member' || (room !== undefined && state.accounts.settingsOf(room.key).entry === 'invited');
  return isKept
    ? [{ type: 'put-role', role: { roomKey, userId, nickname, role } }]
    : [{ type: 'remove-role', roomKey, userId }];
}
