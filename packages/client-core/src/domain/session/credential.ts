import type { LoginToken, PublicKey, Signature } from '@parley/protocol';

/** A key of Ed25519, whose private half only `sign` knows. */
export interface KeyCredential {
  readonly kind: 'key';
  readonly publicKey: PublicKey;
  readonly sign: (message: Uint8Array) => Signature;
}

/** What shows that a user is the owner of an account. Kept in memory while a client may have to come back. */
export type Credential =
  | { readonly kind: 'password'; readonly password: string }
  | KeyCredential
  /** Says by itself whose it is: the nickname is the account's. */
  | { readonly kind: 'token'; readonly token: LoginToken };
