import {
  CHALLENGE_BYTES,
  type Challenge,
  loginTranscript,
  nicknameKey,
  parseNickname,
} from '@parley/protocol';
import { toHex } from '../../hex.ts';
import { deviceIdOf } from '../../sessions/user-identity.ts';
import type { Handler } from '../handler.ts';
import { comeInAs, mayTry, refuseLogin } from './login.ts';

/** Gives a client something to sign. */
// CHAT-KEY-2
export const handleRequestChallenge: Handler<'request-challenge'> = (
  { state, effects, session },
  message,
) => {
  const challenge = state.options.randomBytes(CHALLENGE_BYTES) as Challenge;
  session.challenge = challenge;
  effects.send(session.connectionId, { type: 'challenge', requestId: message.requestId, challenge });
};

/** Lets the user of an account in, who has a key that the account knows. */
// CHAT-KEY-2, CHAT-LOGIN-1
export const handleLoginKey: Handler<'login-key'> = (context, message) => {
  const { state, session, now } = context;
  const { requestId, nickname, publicKey, signature } = message;
  const { challenge } = session;
  session.challenge = undefined;
  const parsed = parseNickname(nickname);
  const key = parsed.ok ? nicknameKey(parsed.value) : undefined;
  if (!mayTry(context, requestId, key ?? '')) return;
  const account = key === undefined ? undefined : state.accounts.accountNamed(key);
  const known =
    account === undefined ? undefined : state.accounts.credentials.keyOf(account.userId, toHex(publicKey));
  const { serverName, fingerprint, verify, hash } = state.options;
  const isSigned =
    challenge !== undefined &&
    verify({
      publicKey,
      signature,
      message: loginTranscript({ challenge, serverName, fingerprint: fingerprint(), nickname, publicKey }),
    });
  if (!isSigned || account === undefined || known === undefined) {
    refuseLogin(context, requestId, 'key', nickname);
    return;
  }
  state.loginGate.succeeded(session.address, key ?? '', now);
  const cameBy = { kind: 'key', name: known.name } as const;
  comeInAs(context, requestId, account, deviceIdOf(message.secret, hash), cameBy);
};
