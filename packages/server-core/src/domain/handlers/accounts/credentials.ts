import {
  CREDENTIAL_NAME_BYTES_MAX,
  CREDENTIALS_MAX,
  type LoginToken,
  type ServerMessage,
  TOKEN_BYTES,
} from '@parley/protocol';
import type { StoredCredential } from '../../../accounts/account-store.ts';
import { isHere, writeAccounts } from '../../accounts/account-work.ts';
import { endSessionsThat, mayChangeAccount } from '../../accounts/own-account.ts';
import type { Refusal } from '../../effect-list.ts';
import { toHex } from '../../hex.ts';
import { notStored } from '../../rooms/append-entry.ts';
import type { Membership } from '../../sessions/session.ts';
import { toShownText } from '../../shown-text.ts';
import type { HandlerContext, MemberHandler } from '../handler.ts';

/** Has an account know one more key. */
// CHAT-KEY-1
export const handleAddKey: MemberHandler<'add-key'> = (context, message, member) => {
  const { requestId, name, publicKey } = message;
  const value = toHex(publicKey);
  keep(context, member, { kind: 'key', name, value }, requestId, { type: 'done', requestId });
};

/** Makes a token, and tells it this once. */
// CHAT-TOKEN-1
export const handleCreateToken: MemberHandler<'create-token'> = (context, message, member) => {
  const { randomBytes, hash } = context.state.options;
  const { requestId, name } = message;
  const token = randomBytes(TOKEN_BYTES) as LoginToken;
  const value = toHex(hash(token));
  keep(context, member, { kind: 'token', name, value }, requestId, { type: 'token', requestId, token });
};

/** Tells which keys and tokens an account has. */
// CHAT-TOKEN-2
export const handleListCredentials: MemberHandler<'list-credentials'> = (context, { requestId }, member) => {
  const { state, effects, session } = context;
  const credentials = state.accounts.credentials
    .of(member.userId)
    .map(({ kind, name, createdAt }) => ({ kind, name, createdAt }));
  effects.send(session.connectionId, { type: 'credentials', requestId, credentials });
};

/** Makes a key or a token worthless, and ends the connections that came by it. */
// CHAT-TOKEN-2
export const handleRevokeCredential: MemberHandler<'revoke-credential'> = (context, message, member) => {
  const { state, effects, session } = context;
  const { requestId, name } = message;
  const { userId } = member;
  if (!mayChangeAccount(context, requestId, member)) return;
  if (state.accounts.credentials.named(userId, name) === undefined) {
    const problem = 'you have no key and no token of this name';
    effects.refuse(session, requestId, { code: 'credential-name', message: problem });
    return;
  }
  writeAccounts(context, [{ type: 'remove-credential', userId, name }], (later, outcome) => {
    if (outcome.ok) {
      if (isHere(later)) later.effects.send(session.connectionId, { type: 'done', requestId });
      endSessionsThat(later, userId, ({ membership }) => {
        const cameBy = membership?.cameBy;
        return cameBy !== undefined && 'name' in cameBy && cameBy.name === name;
      });
    } else if (isHere(later)) {
      later.effects.refuse(session, requestId, notStored(outcome.message));
    }
  });
};

function keep(
  context: HandlerContext,
  member: Membership,
  wanted: Pick<StoredCredential, 'kind' | 'name' | 'value'>,
  requestId: number,
  answer: ServerMessage,
): void {
  const { state, effects, session, now } = context;
  const { userId } = member;
  if (!mayChangeAccount(context, requestId, member)) return;
  const inTheMaking = `${userId} ${wanted.name}`;
  const refusal = problemWith(context, member, wanted, inTheMaking);
  if (refusal !== undefined) {
    effects.refuse(session, requestId, refusal);
    return;
  }
  state.credentialsInTheMaking.add(inTheMaking);
  const credential = { ...wanted, userId, createdAt: state.timeAt(now) };
  writeAccounts(context, [{ type: 'put-credential', credential }], (later, outcome) => {
    state.credentialsInTheMaking.delete(inTheMaking);
    if (!isHere(later)) return;
    if (outcome.ok) later.effects.send(session.connectionId, answer);
    else later.effects.refuse(session, requestId, notStored(outcome.message));
  });
}

// CHAT-TOKEN-2
function problemWith(
  { state }: HandlerContext,
  { userId }: Membership,
  { name, kind, value }: Pick<StoredCredential, 'kind' | 'name' | 'value'>,
  inTheMaking: string,
): Refusal | undefined {
  const { credentials } = state.accounts;
  const isFit = name !== '' && toShownText(name, CREDENTIAL_NAME_BYTES_MAX) === name;
  const isTaken =
    credentials.named(userId, name) !== undefined || state.credentialsInTheMaking.has(inTheMaking);
  if (!isFit || isTaken) {
    const problem = isFit ? `you have a key or token named ${name} already` : 'expected a name on one line';
    return { code: 'credential-name', message: problem };
  }
  const known = kind === 'key' ? credentials.keyOf(userId, value) : undefined;
  if (known !== undefined) {
    return { code: 'credential-name', message: `your account knows this key already, as ${known.name}` };
  }
  const underWay = state.additionsUnderWay.countOf({ type: 'put-credential', userId });
  if (credentials.of(userId).length + underWay < CREDENTIALS_MAX) return undefined;
  return { code: 'limit-reached', message: `an account has at most ${CREDENTIALS_MAX} keys and tokens` };
}
