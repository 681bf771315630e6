import type { UserId } from '../../../history/history-store.ts';
import { isHere, writeAccounts } from '../../accounts/account-work.ts';
import { leavesAnOperator } from '../../accounts/last-operator.ts';
import { mayChangeAccount } from '../../accounts/own-account.ts';
import { notStored } from '../../rooms/append-entry.ts';
import { endSession } from '../../sessions/session-end.ts';
import { forgetUser } from '../../transfers/withdrawn-rights.ts';
import type { HandlerContext, MemberHandler } from '../handler.ts';
import { checkOwnPassword } from './own-password.ts';

/** Deletes the account of its user, who knows its password. Nobody gets the nickname after that. */
// CHAT-ACCOUNT-5
export const handleDeleteAccount: MemberHandler<'delete-account'> = (context, message, member) => {
  const { state } = context;
  const { requestId } = message;
  const { userId, nickname, key } = member;
  if (!mayChangeAccount(context, requestId, member)) return;
  checkOwnPassword(context, requestId, member, message.password, (checked) => {
    if (state.accounts.isOperator(userId) && !leavesAnOperator(state, userId)) {
      const problem = 'you are the only operator of this server: make somebody else one first';
      checked.effects.refuse(checked.session, requestId, { code: 'not-permitted', message: problem });
      return;
    }
    const leaving = { userId };
    state.operatorsLeaving.add(leaving);
    writeAccounts(checked, [{ type: 'retire-account', userId, nickname }], (written, result) => {
      state.operatorsLeaving.delete(leaving);
      if (!result.ok) {
        if (isHere(written)) written.effects.refuse(written.session, requestId, notStored(result.message));
        return;
      }
      const { connectionId } = written.session;
      written.effects.note({ name: 'account-deleted', connectionId, nickname });
      if (isHere(written)) written.effects.send(connectionId, { type: 'done', requestId });
      forgetUser(state, written.effects, { userId, account: key });
      endSessions(written, userId);
    });
  });
};

function endSessions({ state, effects, now }: HandlerContext, userId: UserId): void {
  const goodbye = { code: 'account-deleted', message: 'the account is deleted' } as const;
  for (const session of state.sessions.sessionsOf(userId))
    endSession(state, effects, session, { cause: 'left', reason: 'account deleted', goodbye }, now);
}
