import type { UserId } from '../../history/history-store.ts';
import type { HandlerContext } from '../handlers/handler.ts';
import type { Membership, Session } from '../sessions/session.ts';
import { endSession } from '../sessions/session-end.ts';

/** Whether a connection may change the account of its user; refuses the request otherwise. */
// CHAT-TOKEN-1
export function mayChangeAccount(
  { effects, session }: HandlerContext,
  requestId: number,
  { hasAccount, cameBy }: Membership,
): boolean {
  if (!hasAccount) {
    effects.refuse(session, requestId, {
      code: 'account-required',
      message: 'you have no account: make one',
    });
    return false;
  }
  if (cameBy.kind !== 'token') return true;
  const message = 'who came by a token cannot change the account';
  effects.refuse(session, requestId, { code: 'not-permitted', message });
  return false;
}

/** Ends the connections of a user that came by something that counts no more. */
// CHAT-PASSWORD-4, CHAT-TOKEN-2
export function endSessionsThat(
  { state, effects, now }: HandlerContext,
  userId: UserId,
  isMeant: (session: Session) => boolean,
): void {
  const message = 'that by which you came in counts no more: come in again';
  const goodbye = { code: 'credential-revoked', message } as const;
  for (const session of state.sessions.sessionsOf(userId).filter(isMeant)) {
    endSession(state, effects, session, { cause: 'disconnected', reason: 'logged out', goodbye }, now);
  }
}
