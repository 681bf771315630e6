import {
  type Challenge,
  CREDENTIAL_NAME_BYTES_MAX,
  loginTranscript,
  parseNickname,
  parsePassword,
  type UserSecret,
  utf8ByteLength,
} from '@parley/protocol';
import type { EffectSink } from '../effect-sink.ts';
import { ClientError } from '../errors.ts';
import type { ClientCommand } from '../events.ts';
import { PASSWORD_TIMEOUT_MS } from '../limits.ts';
import type { Credential } from '../session/credential.ts';
import type { Session } from '../session/session.ts';
import type { Answer, Purpose } from './purpose.ts';
import { checked } from './room-requests.ts';

/** What the requests about accounts work with. */
export interface AccountRequestsParts {
  readonly sink: EffectSink;
  readonly session: Session;
  /** What the server knows a guest by. */
  readonly secret: UserSecret;
  /** Gives a request its number; its answer may take as long as `timeoutMsOf` says, unless another time is given. */
  readonly add: (purpose: Purpose, now: number, timeoutMs?: number) => number;
}

/** The commands that this part carries out. */
export type AccountCommand = Extract<
  ClientCommand,
  {
    readonly type:
      | 'register'
      | 'login'
      | 'create-account'
      | 'set-password'
      | 'delete-account'
      | 'add-key'
      | 'create-token'
      | 'list-credentials'
      | 'revoke-credential';
  }
>;

/** Requests about who the user is, and what their answers mean. */
export class AccountRequests {
  readonly #parts: AccountRequestsParts;
  /** With what to come back; `undefined` for a guest. */
  #credential: Credential | undefined;
  /** Perhaps what counts now: the connection was lost before the answer. */
  #inDoubt: Credential | undefined;
  /** On this connection. */
  #hasTriedOther = false;

  constructor(parts: AccountRequestsParts) {
    this.#parts = parts;
  }

  carryOut(commandId: number, command: AccountCommand, now: number): void {
    const { sink } = this.#parts;
    switch (command.type) {
      case 'register':
        this.#register(commandId, command.nickname, now);
        break;
      case 'login':
        this.#login(commandId, command.nickname, command.credential, now);
        break;
      case 'create-account':
        this.#create(commandId, command, now);
        break;
      case 'set-password': {
        const { current } = command;
        const password = checked(parsePassword(command.password), 'password-invalid');
        const credential: Credential = { kind: 'password', password };
        const requestId = this.#parts.add({ kind: 'credential', commandId, credential }, now);
        sink.send({ type: 'set-password', requestId, current, password });
        break;
      }
      case 'delete-account': {
        const password = checked(parsePassword(command.password), 'login-failed');
        const requestId = this.#parts.add({ kind: 'done', commandId }, now, PASSWORD_TIMEOUT_MS);
        sink.send({ type: 'delete-account', requestId, password });
        break;
      }
      case 'add-key': {
        const { publicKey } = command;
        const name = nameOf(command);
        const requestId = this.#parts.add({ kind: 'done', commandId }, now);
        sink.send({ type: 'add-key', requestId, name, publicKey });
        break;
      }
      case 'create-token': {
        const name = nameOf(command);
        const requestId = this.#parts.add({ kind: 'token', commandId }, now);
        sink.send({ type: 'create-token', requestId, name });
        break;
      }
      case 'list-credentials': {
        const requestId = this.#parts.add({ kind: 'credentials', commandId }, now);
        sink.send({ type: 'list-credentials', requestId });
        break;
      }
      case 'revoke-credential': {
        const name = nameOf(command);
        const requestId = this.#parts.add({ kind: 'done', commandId }, now);
        sink.send({ type: 'revoke-credential', requestId, name });
        break;
      }
      default:
        command satisfies never;
    }
  }

  /** After a reconnect: the nickname, as it was got. */
  // CHAT-REGISTER-4, CHAT-LOGIN-1
  comeBack(now: number): void {
    const { nickname } = this.#parts.session;
    if (nickname === undefined) return;
    this.#hasTriedOther = false;
    if (this.#credential === undefined) this.#register(undefined, nickname, now);
    else this.#login(undefined, nickname, this.#credential, now);
  }

  /** The server has let the user in, or has taken a credential. */
  remember(credential: Credential | undefined): void {
    this.#credential = credential;
    this.#inDoubt = undefined;
  }

  /** A change of the credential was asked for, and the answer will not come. */
  doubt(credential: Credential): void {
    this.#inDoubt = credential;
  }

  /** The server did not let the user come back as before: perhaps the change in doubt has happened. False if there is none. */
  // CHAT-ACCOUNT-2, CHAT-PASSWORD-3
  comeBackOtherwise({ code }: ClientError, now: number): boolean {
    const { nickname } = this.#parts.session;
    const credential = this.#inDoubt;
    const isAnother = code === 'login-required' || code === 'login-failed';
    if (credential === undefined || nickname === undefined || !isAnother || this.#hasTriedOther) return false;
    this.#hasTriedOther = true;
    this.#login(undefined, nickname, credential, now);
    return true;
  }

  /** Takes over an answer; false when it does not fit the request, undefined when the request is not of this part. */
  handleAnswer(purpose: Purpose, answer: Answer, now: number): boolean | undefined {
    const { sink } = this.#parts;
    switch (purpose.kind) {
      case 'credential':
        if (answer.type !== 'done') return false;
        this.remember(purpose.credential);
        sink.succeed(purpose.commandId, undefined);
        return true;
      case 'challenge':
        return answer.type === 'challenge' && this.#sign(purpose, answer.challenge, now);
      case 'token':
        if (answer.type !== 'token') return false;
        sink.succeed(purpose.commandId, answer.token);
        return true;
      case 'credentials':
        if (answer.type !== 'credentials') return false;
        sink.succeed(purpose.commandId, answer.credentials);
        return true;
      default:
        return undefined;
    }
  }

  // CHAT-KEY-2
  #sign(
    { commandId, nickname, credential }: Extract<Purpose, { kind: 'challenge' }>,
    challenge: Challenge,
    now: number,
  ): boolean {
    const { sink, session, secret } = this.#parts;
    const { publicKey } = credential;
    const serverName = session.server?.name ?? '';
    const { fingerprint } = session;
    const message = loginTranscript({ challenge, serverName, fingerprint, nickname, publicKey });
    const requestId = this.#parts.add({ kind: 'register', commandId, credential }, now);
    const signature = credential.sign(message);
    sink.send({ type: 'login-key', requestId, nickname, secret, publicKey, signature });
    return true;
  }

  #register(commandId: number | undefined, typed: string, now: number): void {
    const { sink, secret } = this.#parts;
    const nickname = checked(parseNickname(typed), 'nickname-invalid');
    const requestId = this.#parts.add({ kind: 'register', commandId, credential: undefined }, now);
    sink.send({ type: 'register', requestId, nickname, secret });
  }

  #login(commandId: number | undefined, typed: string, credential: Credential, now: number): void {
    const { sink, secret } = this.#parts;
    const { add } = this.#parts;
    // A token says by itself whose it is.
    if (credential.kind === 'token') {
      const requestId = add({ kind: 'register', commandId, credential }, now);
      sink.send({ type: 'login-token', requestId, secret, token: credential.token });
      return;
    }
    const nickname = checked(parseNickname(typed), 'nickname-invalid');
    if (credential.kind === 'key') {
      const requestId = add({ kind: 'challenge', commandId, nickname, credential }, now);
      sink.send({ type: 'request-challenge', requestId });
      return;
    }
    // What no account can have is no password; the server would have to end the connection over its length.
    const password = checked(parsePassword(credential.password), 'login-failed');
    const requestId = this.#parts.add({ kind: 'register', commandId, credential }, now);
    sink.send({ type: 'login', requestId, nickname, secret, password });
  }

  // CHAT-ACCOUNT-2
  #create(
    commandId: number,
    command: Extract<AccountCommand, { readonly type: 'create-account' }>,
    now: number,
  ): void {
    const { sink, session, secret } = this.#parts;
    const own = session.state === 'registered' ? session.nickname : undefined;
    const typed = command.nickname ?? own;
    if (typed === undefined) throw new ClientError('nickname-invalid', 'an account needs a nickname');
    const nickname = checked(parseNickname(typed), 'nickname-invalid');
    const password = checked(parsePassword(command.password), 'password-invalid');
    const credential: Credential = { kind: 'password', password };
    const kind = own === undefined ? 'register' : 'credential';
    const requestId = this.#parts.add({ kind, commandId, credential }, now);
    const { invite } = command;
    sink.send({ type: 'create-account', requestId, nickname, secret, password, invite });
  }
}

// CHAT-TOKEN-2
function nameOf({ name }: { readonly name: string }): string {
  if (utf8ByteLength(name) <= CREDENTIAL_NAME_BYTES_MAX) return name;
  throw new ClientError('credential-name', `a name has at most ${CREDENTIAL_NAME_BYTES_MAX} bytes`);
}
