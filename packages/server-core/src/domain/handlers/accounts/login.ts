import { nicknameKey, parseNickname } from '@parley/protocol';
import type { StoredAccount } from '../../../accounts/account-store.ts';
import { checkPassword, isHere } from '../../accounts/account-work.ts';
import { comeIn, isOutrun, isTurnedAway } from '../../sessions/come-in.ts';
import type { CameBy, DeviceId } from '../../sessions/session.ts';
import { deviceIdOf } from '../../sessions/user-identity.ts';
import { toShownText } from '../../shown-text.ts';
import type { Handler, HandlerContext } from '../handler.ts';

/** What keeps the server from checking passes: who comes back by itself is to try again. */
const CHECK_RETRY_MS = 1_000;
/** Bytes of a nickname that nobody has, in a log. */
const NOTED_NICKNAME_BYTES_MAX = 64;

/** Lets the user of an account in, who knows its password. */
// CHAT-LOGIN-1
export const handleLogin: Handler<'login'> = (context, message) => {
  const { state } = context;
  const { requestId, password } = message;
  const parsed = parseNickname(message.nickname);
  const key = parsed.ok ? nicknameKey(parsed.value) : undefined;
  const account = key === undefined ? undefined : state.accounts.accountNamed(key);
  if (!mayTry(context, requestId, key ?? '')) return;
  const claim = { password: password.normalize('NFC'), against: account?.password };
  checkPassword(context, requestId, claim, (later, outcome) => {
    if (!outcome.ok) {
      if (isHere(later)) later.effects.refuse(later.session, requestId, cannotCheck(outcome.message));
      return;
    }
    // The account may have gone, or have another password, while this one was checked.
    const current = account === undefined ? undefined : state.accounts.accountOf(account.userId);
    if (!outcome.value || current === undefined || current.password !== account?.password) {
      refuseLogin(later, requestId, 'password', message.nickname);
      return;
    }
    state.loginGate.succeeded(later.session.address, key ?? '', later.now);
    comeInAs(later, requestId, current, deviceIdOf(message.secret, state.options.hash), { kind: 'password' });
  });
};

/** Whether a try to log in may be made now; refuses it otherwise. */
// CHAT-LOGIN-2
export function mayTry(
  { state, effects, session, now }: HandlerContext,
  requestId: number,
  /** Whom somebody wants to be: a name, whether there is such an account or not. */
  who: string,
): boolean {
  const retryAfterMs = state.loginGate.tryLogin(session.address, who, now);
  if (retryAfterMs === 0) return true;
  const message = `too many tries to log in, go on in ${Math.ceil(retryAfterMs / 1_000)} s`;
  effects.refuse(session, requestId, { code: 'rate-limited', message, retryAfterMs });
  return false;
}

/** What may be shown to come in, and what is said when it does not fit. */
const MISFITS = {
  password: 'the nickname and the password do not belong together',
  key: 'the nickname and the key of this machine do not belong together (any more)',
  token: 'this token lets nobody in (any more)',
} as const;

/** Says that a login failed, and not why: that would tell who has an account. */
export function refuseLogin(
  context: HandlerContext,
  requestId: number,
  shown: keyof typeof MISFITS,
  typed = '',
): void {
  const { effects, session } = context;
  const nickname = toShownText(typed, NOTED_NICKNAME_BYTES_MAX);
  effects.note({ name: 'login-failed', connectionId: session.connectionId, nickname });
  if (!isHere(context)) return;
  effects.refuse(session, requestId, { code: 'login-failed', message: MISFITS[shown] });
}

/** Lets somebody in who has shown to be the user of an account. */
export function comeInAs(
  context: HandlerContext,
  requestId: number,
  account: StoredAccount,
  deviceId: DeviceId,
  cameBy: CameBy,
): void {
  const { effects, session } = context;
  if (!isHere(context)) return;
  // Two logins at once, or a login and a nickname: the first one counts.
  if (session.state !== 'observing') {
    const message = 'this connection has its nickname already';
    effects.refuse(session, requestId, { code: 'already-registered', message });
    return;
  }
  const { nickname, userId } = account;
  if (isTurnedAway(context, userId)) return;
  if (isOutrun(context, userId, deviceId)) return;
  comeIn(context, requestId, {
    nickname,
    key: nicknameKey(nickname),
    userId,
    deviceId,
    hasAccount: true,
    cameBy,
  });
}

/** Says that nobody knows whether something is right: the server could not look. */
export function cannotCheck(message: string) {
  return { code: 'internal-error', message, retryAfterMs: CHECK_RETRY_MS } as const;
}
