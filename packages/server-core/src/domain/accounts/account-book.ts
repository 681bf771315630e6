import { type NicknameKey, nicknameKey } from '@parley/protocol';
import type { AccountChange, Role, StoredAccount, StoredRole } from '../../accounts/account-store.ts';
import type { UserId } from '../../history/history-store.ts';

/** All accounts and roles, as the changes so far have made them. What is in it is durable. */
export class AccountBook {
  readonly #accounts = new Map<UserId, StoredAccount>();
  readonly #userByNickname = new Map<NicknameKey, UserId>();
  /** By place, then by user. */
  readonly #roles = new Map<string | undefined, Map<UserId, StoredRole>>();

  constructor(changes: readonly AccountChange[]) {
    for (const change of changes) this.apply(change);
  }

  get accountCount(): number {
    return this.#accounts.size;
  }

  apply(change: AccountChange): void {
    switch (change.type) {
      case 'put-account':
        this.#accounts.set(change.account.userId, change.account);
        this.#userByNickname.set(nicknameKey(change.account.nickname), change.account.userId);
        break;
      case 'put-role': {
        const { roomKey, userId } = change.role;
        const roles = this.#roles.get(roomKey) ?? new Map<UserId, StoredRole>();
        this.#roles.set(roomKey, roles.set(userId, change.role));
        break;
      }
      default:
        change satisfies never;
    }
  }

  /** The fewest changes that make this book. */
  changes(): AccountChange[] {
    const changes: AccountChange[] = [];
    for (const account of this.#accounts.values()) changes.push({ type: 'put-account', account });
    for (const roles of this.#roles.values()) {
      for (const role of roles.values()) changes.push({ type: 'put-role', role });
    }
    return changes;
  }

  /** The account to which a nickname, or one that looks like it, belongs. */
  // CHAT-ACCOUNT-1
  accountNamed(key: NicknameKey): StoredAccount | undefined {
    const userId = this.#userByNickname.get(key);
    return userId === undefined ? undefined : this.#accounts.get(userId);
  }

  accountOf(userId: UserId): StoredAccount | undefined {
    return this.#accounts.get(userId);
  }

  /** The role of a user in a room, or in the whole server. */
  roleOf(userId: UserId, roomKey: string | undefined): Role | undefined {
    return this.#roles.get(roomKey)?.get(userId)?.role;
  }

  isOperator(userId: UserId): boolean {
    return this.roleOf(userId, undefined) === 'operator';
  }

  /** Whether there is anybody who may do everything. */
  get hasOperator(): boolean {
    for (const { role } of this.#roles.get(undefined)?.values() ?? []) if (role === 'operator') return true;
    return false;
  }
}
