import type { Nickname } from '@parley/protocol';
import type { UserId } from '../history/history-store.ts';

/** What is kept of a password: enough to check it, not enough to know it. Bytes are in base64. */
export interface PasswordHash {
  readonly algorithm: 'scrypt';
  /** N, r and p of RFC 7914, as they were when this hash was made. */
  readonly cost: number;
  readonly blockSize: number;
  readonly parallelization: number;
  readonly salt: string;
  readonly hash: string;
}

/** A nickname that is one user's alone, and how that user shows to be it. */
export interface StoredAccount {
  readonly userId: UserId;
  readonly nickname: Nickname;
  /** Wall-clock time in milliseconds since 1970. */
  readonly createdAt: number;
  readonly password: PasswordHash;
}

/** What somebody may do at a place. Who has no role there is an ordinary user. */
export type Role = 'operator';

/** The role of a user. */
export interface StoredRole {
  /** `undefined`: in the whole server. */
  readonly roomKey: string | undefined;
  readonly userId: UserId;
  /** The name that the user had when the role was given, to show it. */
  readonly nickname: Nickname;
  readonly role: Role;
}

/** One change of what a server knows of its users. All changes in their order make the whole of it. */
export type AccountChange =
  /** A new account, or another state of one. */
  | { readonly type: 'put-account'; readonly account: StoredAccount }
  | { readonly type: 'put-role'; readonly role: StoredRole };

/**
 * Where accounts and roles are kept. They are few and small, so that a server has all of them in memory: the store only
 * has to give them once and to keep every change.
 */
// CHAT-ACCOUNT-3
export interface AccountStore {
  /** Whether what was written is still there after the end of the process. */
  readonly isDurable: boolean;
  /** Changes that make what the store knows. Rejects with `StoreError` when it cannot be used; its message says what to do. */
  open(): Promise<readonly AccountChange[]>;
  /**
   * Writes all of it or nothing, and resolves when it is durable. Writes take effect in the order of the calls. Rejects
   * with `StoreError`: then nothing of it is kept.
   */
  write(changes: readonly AccountChange[]): Promise<void>;
  /** Resolves when everything that was asked for is done and the file is closed. */
  close(): Promise<void>;
}
