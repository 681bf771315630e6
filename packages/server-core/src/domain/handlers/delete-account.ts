import type { UserId } from '../../history/history-store.ts';
import { checkPassword, isHere, writeAccounts } from '../accounts/account-work.ts';
import { mayChangeAccount } from '../accounts/own-account.ts';
import { notStored } from '../append-entry.ts';
import { endSession } from '../session-end.ts';
import type { HandlerContext, MemberHandler } from './handler.ts';
import { mayTry } from './login.ts';

/** Deletes the account of its user, who knows its password. Nobody gets the nickname after that. */
// CHAT-ACCOUNT-5
export const handleDeleteAccount: MemberHandler<'delete-account'> = (context, message, member) => {
  const { state } = context;
  const { requestId } = message;
  const { userId, nickname } = member;
  if (!mayChangeAccount(context, requestId, member)) return;
  if (!mayTry(context, requestId, member.key)) return;
  const against = state.accounts.accountOf(userId)?.password;
  const claim = { password: message.password.normalize('NFC'), against };
  checkPassword(context, requestId, claim, (checked, outcome) => {
    const isRight = outcome.ok && outcome.value;
    if (isRight) state.loginGate.succeeded(context.session.address, member.key, checked.now);
    if (!isHere(checked)) return;
    if (!isRight) {
      const problem = 'that is not the password of your account';
      checked.effects.refuse(checked.session, requestId, { code: 'login-failed', message: problem });
      return;
    }
    if (isLastOperator(checked, requestId)) return;
    state.accountsInDeletion.add(userId);
    writeAccounts(checked, [{ type: 'retire-account', userId, nickname }], (written, result) => {
      state.accountsInDeletion.delete(userId);
      if (!result.ok) {
        if (isHere(written)) written.effects.refuse(written.session, requestId, notStored(result.message));
        return;
      }
      const { connectionId } = written.session;
      written.effects.note({ name: 'account-deleted', connectionId, nickname });
      if (isHere(written)) written.effects.send(connectionId, { type: 'done', requestId });
      endSessions(written, userId);
    });
  });
};

/** Whether nobody could do everything any more; refuses the request then. */
// CHAT-ROLE-3
function isLastOperator({ state, effects, session }: HandlerContext, requestId: number): boolean {
  const userId = session.membership?.userId;
  if (userId === undefined || !state.accounts.isOperator(userId)) return false;
  const isLeft = state.accounts
    .rolesAt(undefined)
    .some((other) => other.userId !== userId && !state.accountsInDeletion.has(other.userId));
  if (isLeft) return false;
  const message = 'you are the only operator of this server: make somebody else one first';
  effects.refuse(session, requestId, { code: 'not-permitted', message });
  return true;
}

function endSessions({ state, effects, now }: HandlerContext, userId: UserId): void {
  const goodbye = { code: 'account-deleted', message: 'the account is deleted' } as const;
  for (const session of state.sessions.sessionsOf(userId))
    endSession(state, effects, session, { cause: 'left', reason: 'account deleted', goodbye }, now);
}
