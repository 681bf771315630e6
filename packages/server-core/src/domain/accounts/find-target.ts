import { type Nickname, nicknameKey, parseNickname } from '@parley/protocol';
import type { UserId } from '../../history/history-store.ts';
import type { HandlerContext } from '../handlers/handler.ts';
import type { Room } from '../rooms/room.ts';
import type { Session } from '../sessions/session.ts';
import { isAbove } from './permissions.ts';
import { standingOf } from './standing.ts';

/** Somebody to whom something is to be done. */
export interface Target {
  readonly userId: UserId;
  readonly nickname: Nickname;
  readonly hasAccount: boolean;
  /** All devices; none of who is not here. */
  readonly sessions: readonly Session[];
}

/** Who is here or has an account under a nickname; otherwise the request is refused. */
// CHAT-MODERATE-1
export function findTarget(
  { state, effects, session }: HandlerContext,
  requestId: number,
  typed: string,
): Target | undefined {
  const parsed = parseNickname(typed);
  const key = parsed.ok ? nicknameKey(parsed.value) : undefined;
  const account = key === undefined ? undefined : state.accounts.accountNamed(key);
  const user = account ?? (key === undefined ? undefined : state.sessions.userNamed(key));
  if (user === undefined) {
    const message = 'nobody with this nickname is here, and no account has it';
    effects.refuse(session, requestId, { code: 'user-not-found', message });
    return undefined;
  }
  const { userId, nickname } = user;
  const sessions = state.sessions.sessionsOf(userId);
  return { userId, nickname, hasAccount: account !== undefined, sessions };
}

/** Whether a user stands above another one at a place; refuses the request otherwise. */
// CHAT-ROLE-3
export function isAboveTarget(
  { state, effects, session, now }: HandlerContext,
  requestId: number,
  actor: UserId,
  target: Target,
  room: Room | undefined,
): boolean {
  const time = state.timeAt(now);
  const [own, other] = [actor, target.userId].map((userId) => standingOf(state, userId, room, time));
  if (own !== undefined && other !== undefined && isAbove(own, other)) return true;
  const message = `${target.nickname} is ${other} here, and you are ${own}`;
  effects.refuse(session, requestId, { code: 'not-permitted', message });
  return false;
}
