import type { StoredCredential } from '../../accounts/account-store.ts';
import type { UserId } from '../../history/history-store.ts';

/** The keys and tokens of all accounts, by user and name, and the tokens by what is kept of them. */
export class CredentialList {
  readonly #byUser = new Map<UserId, Map<string, StoredCredential>>();
  readonly #tokens = new Map<string, StoredCredential>();

  put(credential: StoredCredential): void {
    this.remove(credential.userId, credential.name);
    const own = this.#byUser.get(credential.userId) ?? new Map<string, StoredCredential>();
    this.#byUser.set(credential.userId, own.set(credential.name, credential));
    if (credential.kind === 'token') this.#tokens.set(credential.value, credential);
  }

  remove(userId: UserId, name: string): void {
    const known = this.named(userId, name);
    if (known === undefined) return;
    this.#byUser.get(userId)?.delete(name);
    if (known.kind === 'token') this.#tokens.delete(known.value);
  }

  removeAllOf(userId: UserId): void {
    for (const { name } of this.of(userId)) this.remove(userId, name);
    this.#byUser.delete(userId);
  }

  /** In the order of making. */
  of(userId: UserId): readonly StoredCredential[] {
    return [...(this.#byUser.get(userId)?.values() ?? [])];
  }

  named(userId: UserId, name: string): StoredCredential | undefined {
    return this.#byUser.get(userId)?.get(name);
  }

  /** The key of a user with that public half. */
  // CHAT-KEY-1
  keyOf(userId: UserId, value: string): StoredCredential | undefined {
    return this.of(userId).find((one) => one.kind === 'key' && one.value === value);
  }

  /** The token with that digest. */
  // CHAT-TOKEN-1
  token(value: string): StoredCredential | undefined {
    return this.#tokens.get(value);
  }

  all(): readonly StoredCredential[] {
    return [...this.#byUser.keys()].flatMap((userId) => this.of(userId));
  }
}
