import { parsePassword } from '@parley/protocol';
import { hashPassword, isHere, writeAccounts } from '../../accounts/account-work.ts';
import { endSessionsThat, mayChangeAccount } from '../../accounts/own-account.ts';
import { notStored } from '../../rooms/append-entry.ts';
import type { Session } from '../../sessions/session.ts';
import type { MemberHandler } from '../handler.ts';
import { checkOwnPassword } from './own-password.ts';

/** Gives an account another password, for who knows the one that it has. */
// CHAT-PASSWORD-3
export const handleSetPassword: MemberHandler<'set-password'> = (context, message, member) => {
  const { state, effects, session } = context;
  const { requestId } = message;
  const { userId, nickname } = member;
  if (!mayChangeAccount(context, requestId, member)) return;
  const password = parsePassword(message.password);
  if (!password.ok) {
    effects.refuse(session, requestId, { code: 'password-invalid', message: password.problem });
    return;
  }
  checkOwnPassword(context, requestId, member, message.current, (checked) => {
    hashPassword(checked, requestId, password.value, (hashed, made) => {
      const current = state.accounts.accountOf(userId);
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
        endSessionsThat(written, userId, (other) => other !== session && cameByPassword(other));
        if (!isHere(written)) return;
        const { connectionId } = session;
        written.effects.note({ name: 'password-changed', connectionId, nickname });
        written.effects.send(connectionId, { type: 'done', requestId });
      });
    });
  });
};

function cameByPassword({ membership }: Session): boolean {
  return membership?.cameBy.kind === 'password';
}
