import type { ClientCommand, Credential } from '@parley/client-core';
import type { Random } from '@parley/netsim';
import { type LoginToken, PUBLIC_KEY_BYTES, type PublicKey, type Signature } from '@parley/protocol';
import { sign } from './account-store.ts';
import type { Identity } from './identity.ts';
import type { Settlement } from './program.ts';

/** By what a user comes in, once there is an account. */
export type EntranceKind = 'guest' | Credential['kind'];

/** How a user comes in: under a free nickname, or with what shows that it is theirs. */
export class Entrance {
  readonly #random: Random;
  readonly #identity: Identity;
  readonly #kind: EntranceKind;
  readonly #isFirstDevice: boolean;
  readonly #key: Extract<Credential, { kind: 'key' }>;
  /** The code that makes an operator, if this user is to be one. */
  readonly #invite: string | undefined;
  #credential: Credential | undefined;
  #isMakingAccount = false;
  #isAskingForMore = false;

  constructor(options: {
    readonly random: Random;
    readonly identity: Identity;
    readonly kind: EntranceKind;
    readonly invite: string | undefined;
    /** The others come in by the password that the first one has made. */
    readonly isFirstDevice: boolean;
  }) {
    const { random, identity, kind, invite, isFirstDevice } = options;
    this.#random = random;
    this.#identity = identity;
    this.#kind = kind;
    this.#invite = invite;
    this.#isFirstDevice = isFirstDevice;
    const publicKey = random.bytes(PUBLIC_KEY_BYTES) as Uint8Array as PublicKey;
    this.#key = {
      kind: 'key',
      publicKey,
      sign: (message) => sign(publicKey, message) as Uint8Array as Signature,
    };
  }

  /** What to say at the door. */
  command(): ClientCommand {
    const { nickname, password } = this.#identity;
    const credential = this.#isFirstDevice ? this.#credential : ({ kind: 'password', password } as const);
    const { formerNickname } = this.#identity;
    // Some want their old name back, which is nobody's any more.
    if (credential === undefined && formerNickname !== undefined && this.#random.chance(0.3))
      return { type: 'register', nickname: formerNickname };
    return credential === undefined
      ? { type: 'register', nickname }
      : { type: 'login', nickname, credential };
  }

  /** What was said at the door was refused: perhaps what was asked for earlier has happened, or has not. */
  handleRefusal(code: string): void {
    const { password, mayBeDeleted, generation } = this.#identity;
    if (code === 'login-required') {
      this.#credential = { kind: 'password', password };
      this.#identity.noteAccount();
    }
    if (code === 'login-failed') this.#credential = undefined;
    if (code === 'nickname-taken' && mayBeDeleted) this.#identity.renew(generation);
  }

  /** The account is gone, with all that it was entered by. */
  beginAnew(): void {
    this.#credential = undefined;
  }

  /** What brings a user who is here nearer to what they want; nothing when they have it, or wait for an answer. */
  next():
    | { readonly command: ClientCommand; readonly onSettled: (settlement: Settlement) => void }
    | undefined {
    if (!this.#isFirstDevice) return undefined;
    if (this.#kind === 'guest' || this.#isMakingAccount || this.#isAskingForMore) return undefined;
    if (this.#credential === undefined) return this.#makeAccount();
    if (this.#credential.kind === this.#kind || this.#credential.kind !== 'password') return undefined;
    return this.#kind === 'key' ? this.#addKey() : this.#createToken();
  }

  #makeAccount() {
    this.#isMakingAccount = true;
    const { password, generation } = this.#identity;
    const command = { type: 'create-account', nickname: undefined, password, invite: this.#invite } as const;
    const onSettled = (settlement: Settlement) => {
      this.#isMakingAccount = false;
      if (!settlement.isOk || generation !== this.#identity.generation) return;
      this.#credential = { kind: 'password', password };
      this.#identity.noteAccount();
    };
    return { command, onSettled };
  }

  #addKey() {
    const { generation } = this.#identity;
    this.#isAskingForMore = true;
    const command = { type: 'add-key', name: 'machine', publicKey: this.#key.publicKey } as const;
    const onSettled = (settlement: Settlement) => {
      this.#isAskingForMore = false;
      if (settlement.isOk && generation === this.#identity.generation) this.#credential = this.#key;
    };
    return { command, onSettled };
  }

  #createToken() {
    const { generation } = this.#identity;
    this.#isAskingForMore = true;
    const onSettled = (settlement: Settlement) => {
      this.#isAskingForMore = false;
      if (!settlement.isOk || generation !== this.#identity.generation) return;
      this.#credential = { kind: 'token', token: settlement.result as LoginToken };
    };
    return { command: { type: 'create-token', name: 'program' } as const, onSettled };
  }
}
