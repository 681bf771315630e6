import type { StoredBan } from '../../accounts/account-store.ts';
import type { UserId } from '../../history/history-store.ts';
import type { Refusal } from '../effect-list.ts';
import type { HandlerContext } from '../handlers/handler.ts';
import type { Room } from '../rooms/room.ts';
import type { ServerState } from '../server-state.ts';
import type { Membership, Session } from '../sessions/session.ts';
import { PERMISSIONS, type RoomAction, type Standing } from './permissions.ts';
import { banWords } from './sanctions.ts';

/** What a muted user is told. */
export const MUTED: Refusal = { code: 'muted', message: 'you may read here, and not write' };

/** What a user is in a room, or in the whole server. */
// CHAT-ROLE-1
export function standingOf(
  { accounts }: ServerState,
  userId: UserId,
  room: Room | undefined,
  time: number,
): Standing {
  const isPublic = room?.kind !== 'direct';
  if (isPublic && accounts.isOperator(userId)) return 'operator';
  // CHAT-MODERATE-3: everybody can make a room, and would write on in their own.
  if (accounts.muteOf(userId, undefined, time) !== undefined) return 'muted';
  if (room === undefined) return 'member';
  const role = accounts.roleOf(userId, room.key);
  if (role === 'owner' || role === 'moderator') return role;
  return accounts.muteOf(userId, room.key, time) === undefined ? 'member' : 'muted';
}

/** Whether a user may do something in a room, or in the whole server; refuses the request otherwise. */
// CHAT-ROLE-2
export function mayDo(
  context: HandlerContext,
  requestId: number,
  member: Membership,
  action: RoomAction,
  room: Room | undefined,
): boolean {
  const refusal = troubleIn(context, member, action, room);
  if (refusal !== undefined) context.effects.refuse(context.session, requestId, refusal);
  return refusal === undefined;
}

/** Why a user may not; nothing when it may. */
export function troubleIn(
  { state, now }: HandlerContext,
  { userId }: Membership,
  action: RoomAction,
  room: Room | undefined,
): Refusal | undefined {
  const standing = standingOf(state, userId, room, state.timeAt(now));
  const allowed: readonly Standing[] = room === undefined ? ['operator'] : PERMISSIONS[action];
  if (allowed.includes(standing)) return undefined;
  if (standing === 'muted' && PERMISSIONS[action].includes('member')) {
    return MUTED;
  }
  const who = allowed.filter((one) => one !== 'muted').join(', ');
  return { code: 'not-permitted', message: `that is for ${who} here` };
}

/** Whether a user may come into a room, now and by its own wish; refuses the request otherwise. */
// CHAT-MODERATE-4, CHAT-ENTRY-1
export function mayEnter(
  { state, effects, session, now }: HandlerContext,
  requestId: number,
  member: Membership,
  room: Room,
): boolean {
  const { accounts } = state;
  if (room.kind === 'direct' || accounts.isOperator(member.userId)) return true;
  const ban = banOf(state, session, room, now);
  if (ban !== undefined) {
    effects.refuse(session, requestId, { code: 'banned', message: banWords(ban, room.name) });
    return false;
  }
  if (isOpenTo(state, member.userId, room)) return true;
  const message = `${room.name} is for those who were invited: ask somebody who is in it`;
  effects.refuse(session, requestId, { code: 'room-invite-only', message });
  return false;
}

/** What keeps a user out of a room. */
// CHAT-MODERATE-4
export function banOf(state: ServerState, session: Session, room: Room, now: number): StoredBan | undefined {
  const { accounts } = state;
  const { membership, address } = session;
  if (membership === undefined) return undefined;
  return accounts.banOf({ userId: membership.userId, address }, room.key, state.timeAt(now));
}

/** Whether a room lets a user see who is in it and what was said. */
// CHAT-ENTRY-1
export function isOpenTo({ accounts }: ServerState, userId: UserId | undefined, room: Room): boolean {
  if (accounts.settingsOf(room.key).entry === 'open') return true;
  if (userId === undefined) return false;
  return accounts.roleOf(userId, room.key) !== undefined || accounts.isOperator(userId);
}
