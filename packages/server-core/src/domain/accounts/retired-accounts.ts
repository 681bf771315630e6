import { type Nickname, type NicknameKey, nicknameKey } from '@parley/protocol';
import type { UserId } from '../../history/history-store.ts';

/** Whose account is gone: what they said stays theirs, so that nobody else gets their names. */
// CHAT-ACCOUNT-5
export class RetiredAccounts {
  readonly #nicknames = new Map<UserId, Nickname>();
  readonly #keys = new Set<NicknameKey>();

  get count(): number {
    return this.#nicknames.size;
  }

  put(userId: UserId, nickname: Nickname): void {
    this.#nicknames.set(userId, nickname);
    this.#keys.add(nicknameKey(nickname));
  }

  hasUser(userId: UserId): boolean {
    return this.#nicknames.has(userId);
  }

  /** Whether a nickname, or one that looks like it, was theirs. */
  hasNickname(key: NicknameKey): boolean {
    return this.#keys.has(key);
  }

  all(): { readonly userId: UserId; readonly nickname: Nickname }[] {
    return Array.from(this.#nicknames, ([userId, nickname]) => ({ userId, nickname }));
  }
}
