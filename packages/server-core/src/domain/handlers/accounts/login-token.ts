import { toHex } from '../../hex.ts';
import { deviceIdOf } from '../../sessions/user-identity.ts';
import type { Handler } from '../handler.ts';
import { comeInAs, mayTry, refuseLogin } from './login.ts';

/** Lets a program in that has a token. Its digest is looked up: how long that takes tells nothing about the token. */
// CHAT-TOKEN-1
export const handleLoginToken: Handler<'login-token'> = (context, message) => {
  const { state, session, now } = context;
  const { requestId, token, secret } = message;
  const { hash } = state.options;
  // A wrong token is nobody's: only the address has to answer for it.
  const who = `token from ${session.address}`;
  if (!mayTry(context, requestId, who)) return;
  const known = state.accounts.credentials.token(toHex(hash(token)));
  const account = known === undefined ? undefined : state.accounts.accountOf(known.userId);
  if (known === undefined || account === undefined) {
    refuseLogin(context, requestId, 'token');
    return;
  }
  state.loginGate.succeeded(session.address, who, now);
  const cameBy = { kind: 'token', name: known.name } as const;
  comeInAs(context, requestId, account, deviceIdOf(secret, hash), cameBy);
};
