import { parsePassword } from '@parley/protocol';
import { checkPassword, hashPassword, isHere, writeAccounts } from '../accounts/account-work.ts';
import { endSessionsThat, mayChangeAccount } from '../accounts/own-account.ts';
import { notStored } from '../append-entry.ts';
import type { Session } from '../session.ts';
import type { MemberHandler } from './handler.ts';
import { mayTry } from './login.ts';

/** Gives an account another password, for who knows the one that it has. */
// CHAT-PASSWORD-3
export const handleSetPassword: MemberHandler<'set-password'> = (context, message, member) => {
  const { state, effects, session } = context;
  const { requestId } = message;
  const account = member.hasAccount ? state.accounts.accountOf(member.userId) : undefined;
  if (account === undefined) {
    effects.refuse(session, requestId, {
      code: 'account-required',
      message: 'you have no account: make one',
    });
    return;
  }
  if (!mayChangeAccount(context, requestId, member)) return;
  const password = parsePassword(message.password);
  if (!password.ok) {
    effects.refuse(session, requestId, { code: 'password-invalid', message: password.problem });
    return;
  }
  if (!mayTry(context, requestId, member.key)) return;
  const claim = { password: message.current.normalize('NFC'), against: account.password };
  checkPassword(context, requestId, claim, (checked, outcome) => {
    const isRight = outcome.ok && outcome.value;
    if (isRight) state.loginGate.succeeded(session.address, member.key, checked.now);
    if (!isHere(checked)) return;
    if (!isRight) {
      const problem = 'that is not the password that you have now';
      checked.effects.refuse(session, requestId, { code: 'login-failed', message: problem });
      return;
    }
    hashPassword(checked, requestId, password.value, (hashed, made) => {
      const current = state.accounts.accountOf(account.userId);
      if (!made.ok || current === undefined) {
        const problem = made.ok ? 'the account is gone' : made.message;
        if (isHere(hashed)) hashed.effects.refuse(session, requestId, notStored(problem));
        return;
      }
      const changed = { ...current, password: made.value };
      writeAccounts(hashed, [{ type: 'put-account', account: changed }], (written, result) => {
        if (!result.ok) {
          if (isHere(written)) written.effects.refuse(session, requestId, notStored(result.message));
          return;
        }
        // CHAT-PASSWORD-4
        endSessionsThat(written, account.userId, (other) => other !== session && cameByPassword(other));
        if (!isHere(written)) return;
        const { connectionId } = session;
        written.effects.note({ name: 'password-changed', connectionId, nickname: account.nickname });
        written.effects.send(connectionId, { type: 'done', requestId });
      });
    });
  });
};

function cameByPassword({ membership }: Session): boolean {
  return membership?.cameBy.kind === 'password';
}
