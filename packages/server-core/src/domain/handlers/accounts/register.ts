import { nicknameKey, parseNickname } from '@parley/protocol';
import { comeIn, isTurnedAway } from '../../sessions/come-in.ts';
import { deviceIdOf, userIdOf } from '../../sessions/user-identity.ts';
import type { Handler } from '../handler.ts';

const RETIRED =
  'the account of this nickname, or of this client, was deleted: choose another nickname, or come anew';

/** An account is made in less, unless many are made at once. */
const IN_THE_MAKING_RETRY_MS = 1_000;

/** Lets a guest in under a nickname. */
// CHAT-REGISTER-1
export const handleRegister: Handler<'register'> = (context, message) => {
  const { state, effects, session } = context;
  const { requestId } = message;
  const parsed = parseNickname(message.nickname);
  if (!parsed.ok) {
    effects.refuse(session, requestId, { code: 'nickname-invalid', message: parsed.problem });
    return;
  }
  const nickname = parsed.value;
  const key = nicknameKey(nickname);
  const userId = userIdOf(message.secret, state.options.hash);
  // CHAT-ACCOUNT-1, CHAT-ACCOUNT-4
  const account = state.accounts.accountNamed(key) ?? state.accounts.accountOf(userId);
  if (account !== undefined) {
    const problem = `the nickname ${account.nickname} is registered: log in, or choose another one`;
    effects.refuse(session, requestId, { code: 'login-required', message: problem });
    return;
  }
  // CHAT-ACCOUNT-5
  if (state.accounts.retired.hasNickname(key) || state.accounts.retired.hasUser(userId)) {
    effects.refuse(session, requestId, { code: 'nickname-taken', message: RETIRED });
    return;
  }
  // CHAT-ADMISSION-1
  // CHAT-EMERGENCY-1
  if (state.options.admission !== 'open' || state.accounts.emergency !== 'off') {
    const isClosed = state.accounts.emergency === 'closed';
    const problem = `this server takes users with an account only${isClosed ? ', and nobody new now' : ': log in, or make one'}`;
    effects.refuse(session, requestId, { code: 'account-required', message: problem });
    return;
  }
  if (isTurnedAway(context, userId)) return;
  const holder = state.sessions.userNamed(key);
  // CHAT-REGISTER-2
  const isInTheMaking = state.nicknamesInTheMaking.has(key);
  if ((holder !== undefined && holder.userId !== userId) || isInTheMaking) {
    const message = `the nickname ${nickname} is in use, choose another one`;
    // It may be this guest's own account, asked for on a connection that is lost: soon it is there, or it is not.
    const later = isInTheMaking ? { retryAfterMs: IN_THE_MAKING_RETRY_MS } : {};
    effects.refuse(session, requestId, { code: 'nickname-taken', message, ...later });
    return;
  }
  const deviceId = deviceIdOf(message.secret, state.options.hash);
  comeIn(context, requestId, {
    nickname,
    key,
    userId,
    deviceId,
    hasAccount: false,
    cameBy: { kind: 'nickname' },
  });
};
