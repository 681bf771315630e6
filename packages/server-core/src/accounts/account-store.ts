import type { Nickname, RoomName } from '@parley/protocol';
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

/** A key or a token by which the user of an account comes in, besides the password. */
export interface StoredCredential {
  readonly userId: UserId;
  readonly kind: 'key' | 'token';
  /** What its user calls it; no other one of the account has the same. */
  readonly name: string;
  /** In hexadecimal digits: the public key, or the SHA-256 of the token. */
  readonly value: string;
  readonly createdAt: number;
}

/** What somebody may do at a place. In a room for those who were invited, everybody in it has a role. */
export type Role = 'operator' | 'owner' | 'moderator' | 'member';

/** Where something holds: the key of a room, or `undefined` for the whole server. */
export type Place = string | undefined;

/** The role of a user. */
export interface StoredRole {
  readonly roomKey: Place;
  readonly userId: UserId;
  /** The name that the user had when the role was given, to show it. */
  readonly nickname: Nickname;
  readonly role: Role;
}

/** Somebody who may not write. */
export interface StoredMute {
  readonly roomKey: Place;
  readonly userId: UserId;
  readonly nickname: Nickname;
  readonly by: Nickname;
  readonly reason: string;
  /** Wall-clock time at which it ends; `undefined` for never. */
  readonly until: number | undefined;
}

/** Who may not come in. */
export interface StoredBan {
  readonly banId: number;
  readonly roomKey: Place;
  /** A user with an account; a guest, and with it all guests from its addresses; or whoever comes from a network. */
  readonly kind: 'account' | 'guest' | 'network';
  readonly userId: UserId | undefined;
  /** Addresses and networks, as `parseAddressRange` reads them. Of a guest they are shown to nobody. */
  readonly ranges: readonly string[];
  /** Whom people see: a nickname, or a network that one of them typed. */
  readonly target: string;
  readonly by: Nickname;
  readonly reason: string;
  readonly time: number;
  readonly until: number | undefined;
}

/** How a room is kept. */
export interface StoredRoomSettings {
  readonly roomKey: string;
  readonly entry: 'open' | 'invited';
  readonly slowModeMs: number;
}

/** A code with which somebody may make an account. */
export interface StoredInvite {
  /** Digest of the code, which nobody can find from it. */
  readonly codeId: string;
  readonly until: number;
}

/** How much less a server takes than it was started to take. */
export type Emergency = 'off' | 'registered' | 'closed';

/** Something that somebody in charge has decided. */
export interface NewAuditEntry {
  readonly time: number;
  readonly by: Nickname;
  readonly byUserId: UserId;
  readonly action: string;
  /** Where; `undefined` for the whole server. */
  readonly room: RoomName | undefined;
  readonly roomKey: Place;
  /** To whom: what people may see of it. */
  readonly target: string;
  readonly detail: string;
}

/** The same with its number: 1, 2, 3 … */
export interface StoredAuditEntry extends NewAuditEntry {
  readonly sequence: number;
}

/** Which decisions are asked for: the newest before a number, of one room or of everything. */
export interface AuditQuery {
  readonly roomKey: Place;
  readonly before: number | undefined;
  readonly limit: number;
}

/** One change of what a server knows of its users. All changes in their order make the whole of it. */
export type AccountChange =
  /** A new account, or another state of one. */
  | { readonly type: 'put-account'; readonly account: StoredAccount }
  /** The account is gone, and all that belonged to it; nobody gets its nickname or its user id after that. */
  | { readonly type: 'retire-account'; readonly userId: UserId; readonly nickname: Nickname }
  | { readonly type: 'put-credential'; readonly credential: StoredCredential }
  | { readonly type: 'remove-credential'; readonly userId: UserId; readonly name: string }
  | { readonly type: 'put-role'; readonly role: StoredRole }
  | { readonly type: 'remove-role'; readonly roomKey?: Place; readonly userId: UserId }
  | { readonly type: 'put-mute'; readonly mute: StoredMute }
  | { readonly type: 'remove-mute'; readonly roomKey?: Place; readonly userId: UserId }
  | { readonly type: 'put-ban'; readonly ban: StoredBan }
  | { readonly type: 'remove-ban'; readonly banId: number }
  | { readonly type: 'put-room-settings'; readonly settings: StoredRoomSettings }
  | { readonly type: 'put-emergency'; readonly emergency: Emergency }
  | { readonly type: 'put-invite'; readonly invite: StoredInvite }
  | { readonly type: 'remove-invite'; readonly codeId: string };

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
   * Writes all of the changes or none, and resolves when they are durable. Writes take effect in the order of the calls.
   * Rejects with `StoreError`: then no change is kept. What is to be audited is durable before the changes are.
   */
  write(changes: readonly AccountChange[], audited?: readonly NewAuditEntry[]): Promise<void>;
  /** Decisions, the newest first. The store may forget the oldest. */
  // CHAT-AUDIT-1
  readAudit(query: AuditQuery): Promise<readonly StoredAuditEntry[]>;
  /** Resolves when everything that was asked for is done and the file is closed. */
  close(): Promise<void>;
}
