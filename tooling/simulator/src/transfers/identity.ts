import { createHash } from 'node:crypto';
import type { ClientCommand } from '@parley/client-core';
import type { Random } from '@parley/netsim';
import {
  type LoginToken,
  type Nickname,
  type Password,
  USER_SECRET_BYTES,
  type UserSecret,
} from '@parley/protocol';
import type { AccountChange } from '@parley/server-core/pure';
import type { UserKind } from './plan/plan.ts';
import type { Visit } from './visit.ts';

type Account = Extract<AccountChange, { type: 'put-account' }>['account'];

/** So many tokens an account has, one for each time that one is revoked. */
const TOKEN_COUNT = 8;
/** A login is checked by then. */
const LOGGED_IN_MS = 20;

/** Who a user is for the server: a guest, or somebody with an account, until that is deleted. */
export class Identity {
  /** Of who owns the account, in the order of their making. */
  readonly nicknames: string[];
  readonly #random: Random;
  #kind: UserKind;
  #secret: UserSecret;
  #password = 'first word';
  #tokenIndex = 0;

  constructor(name: string, kind: UserKind, random: Random) {
    this.nicknames = [name];
    this.#kind = kind;
    this.#random = random;
    this.#secret = random.bytes(USER_SECRET_BYTES) as Uint8Array as UserSecret;
  }

  get nickname(): string {
    return this.nicknames.at(-1) as string;
  }

  get secret(): UserSecret {
    return this.#secret;
  }

  get kind(): UserKind {
    return this.#kind;
  }

  /** As the server keeps the account before anything happens. */
  get account(): AccountChange[] {
    if (this.#kind === 'guest') return [];
    const userId = `account of ${this.nickname}` as Account['userId'];
    const account: Account = {
      userId,
      nickname: this.nickname as Nickname,
      createdAt: 0,
      password: passwordHash(this.#password),
    };
    const tokens = Array.from({ length: TOKEN_COUNT }, (_, index): AccountChange => {
      const value = createHash('sha256').update(this.#tokenAt(index)).digest('hex');
      const credential = { userId, kind: 'token', name: tokenName(index), value, createdAt: 0 } as const;
      return { type: 'put-credential', credential };
    });
    return [{ type: 'put-account', account }, ...tokens];
  }

  /** What the user's program says to come in. */
  get entry(): ClientCommand {
    const { nickname } = this;
    if (this.#kind === 'guest') return { type: 'register', nickname };
    const password = { kind: 'password', password: this.#password } as const;
    const token = { kind: 'token', token: this.#tokenAt(this.#tokenIndex) } as const;
    return { type: 'login', nickname, credential: this.#kind === 'token' ? token : password };
  }

  /** The user makes that worthless by which the program comes in, from elsewhere. */
  get revocation(): Visit {
    if (this.#kind === 'token') {
      return this.#visit({ type: 'revoke-credential', requestId: 2, name: tokenName(this.#tokenIndex) });
    }
    const password = `${this.#password} more` as Password;
    return this.#visit({ type: 'set-password', requestId: 2, current: this.#password, password });
  }

  /** The user deletes the account, from elsewhere. */
  get deletion(): Visit {
    return this.#visit({ type: 'delete-account', requestId: 2, password: this.#password });
  }

  /** The server keeps a change of the account from now on. */
  apply(change: AccountChange): 'revoked' | 'deleted' | undefined {
    if (this.#kind === 'guest') return undefined;
    const userId = `account of ${this.nickname}`;
    if (change.type === 'retire-account' && change.userId === userId) {
      this.#kind = 'guest';
      this.#secret = this.#random.bytes(USER_SECRET_BYTES) as Uint8Array as UserSecret;
      this.nicknames.push(`${this.nickname}-anew`);
      return 'deleted';
    }
    if (change.type === 'put-account' && change.account.userId === userId) {
      this.#password = change.account.password.hash;
      return this.#kind === 'password' ? 'revoked' : undefined;
    }
    if (change.type !== 'remove-credential' || change.userId !== userId) return undefined;
    this.#tokenIndex += 1;
    return this.#kind === 'token' ? 'revoked' : undefined;
  }

  #visit(message: ReturnType<Visit['sayings']>[number]['message']): Visit {
    const { nickname } = this;
    const password = this.#password;
    return {
      sayings: (secret) => [
        { afterMs: 0, message: { type: 'login', requestId: 1, nickname, secret, password } },
        { afterMs: LOGGED_IN_MS, message },
      ],
      stayMs: 100,
    };
  }

  #tokenAt(index: number): LoginToken {
    return createHash('sha256').update(`${this.nicknames[0]} ${index}`).digest() as Uint8Array as LoginToken;
  }
}

/** Passwords are their own hashes here. */
export function passwordHash(password: string): Account['password'] {
  return { algorithm: 'scrypt', cost: 2, blockSize: 1, parallelization: 1, salt: '', hash: password };
}

function tokenName(index: number): string {
  return `program ${index}`;
}
