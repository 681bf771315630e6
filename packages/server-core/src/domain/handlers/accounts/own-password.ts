import { checkPassword, isHere } from '../../accounts/account-work.ts';
import type { Membership } from '../../sessions/session.ts';
import type { HandlerContext } from '../handler.ts';
import { cannotCheck, mayTry } from './login.ts';

/** Goes on when this is the password of the user's account, and the user still here; refuses the request otherwise. */
export function checkOwnPassword(
  context: HandlerContext,
  requestId: number,
  { userId, key }: Membership,
  password: string,
  goOn: (checked: HandlerContext) => void,
): void {
  if (!mayTry(context, requestId, key)) return;
  const { state } = context;
  const claim = { password: password.normalize('NFC'), against: state.accounts.accountOf(userId)?.password };
  checkPassword(context, requestId, claim, (checked, outcome) => {
    const { effects, session, now } = checked;
    const isRight = outcome.ok && outcome.value;
    if (isRight) state.loginGate.succeeded(session.address, key, now);
    if (!isHere(checked)) return;
    const message = 'that is not the password of your account';
    if (isRight) goOn(checked);
    else
      effects.refuse(
        session,
        requestId,
        outcome.ok ? { code: 'login-failed', message } : cannotCheck(outcome.message),
      );
  });
}
