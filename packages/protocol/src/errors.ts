/**
 * What can go wrong while bytes become messages (`DecodeError`: the peer is at fault) or messages become bytes
 * (`EncodeError`: the caller is), and the codes that cross the wire.
 */

/** Every way in which received bytes can be wrong (CHAT-FRAME-6). */
export type DecodeErrorCode =
  /** A frame without even a type byte. */
  | 'frame-empty'
  /** A frame longer than the receiver's limit. */
  | 'frame-too-large'
  /** A type below 0x80 that this side does not read. */
  | 'type-unknown'
  /** The body ends inside a field. */
  | 'body-truncated'
  /** A text, list or number above its limit. */
  | 'value-too-large'
  /** A value that its field does not allow. */
  | 'value-invalid'
  /** Text that is not well-formed UTF-8. */
  | 'text-malformed';

/** The peer sent bytes that are not Parley. The connection cannot be used further (CHAT-FRAME-6). */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
  readonly code: DecodeErrorCode;

  constructor(code: DecodeErrorCode, problem: string) {
    super(problem);
    this.code = code;
  }
}

/** Every way in which a message can be refused by its encoder. */
export type EncodeErrorCode = 'value-too-large' | 'value-invalid' | 'text-malformed';

/** The caller wants to send something that the protocol has no place for. */
export class EncodeError extends Error {
  override readonly name = 'EncodeError';
  readonly code: EncodeErrorCode;

  constructor(code: EncodeErrorCode, problem: string) {
    super(problem);
    this.code = code;
  }
}

/** Number of each code of `failed` on the wire (CHAT-FAILED-1). A number is never used again for something else. */
export const FAILURE_CODES = {
  /** A code that this side does not know, from a newer server. */
  unknown: 0,
  /** The server made a mistake; trying again may help. */
  'internal-error': 1,
  /** The request needs a nickname first. */
  'not-registered': 2,
  /** This connection has its nickname already. */
  'already-registered': 3,
  /** The nickname breaks the rules; the message says which. */
  'nickname-invalid': 4,
  /** Somebody else has this nickname now. */
  'nickname-taken': 5,
  /** The text breaks the rules; the message says which. */
  'text-invalid': 6,
  /** There is no such room. */
  'room-not-found': 7,
  /** Nobody with this nickname is here (any more). */
  'user-not-found': 8,
  /** Too much in too short a time; `retryAfterMs` says when to go on. */
  'rate-limited': 9,
  /** The position in the list was not made by this server. */
  'cursor-invalid': 10,
  /** The name cannot be the name of a shared file. */
  'file-name-invalid': 11,
  /** There is no such shared file. */
  'file-not-found': 12,
  /** The file is there and cannot be read. */
  'file-unreadable': 13,
  /** The parts that were asked for are empty, out of order, or beyond the end of the file. */
  'range-invalid': 14,
  /** This connection has too many transfers open. */
  'transfer-limit': 15,
  /** No open transfer of this connection has that id. */
  'transfer-not-found': 16,
  /** The server shares no files. */
  'transfers-unavailable': 17,
  /** Too many requests of this connection are still without an answer. */
  'request-limit': 18,
  /** A room of this name exists already. */
  'room-exists': 19,
  /** The server, or this user, has as many rooms as it may. */
  'room-limit': 20,
  /** The name cannot be the name of a room; the message says why. */
  'room-name-invalid': 21,
  /** The user is not in this room. */
  'not-in-room': 22,
  /** The topic breaks the rules; the message says which. */
  'topic-invalid': 23,
  /** The log has no such message, or keeps it no longer. */
  'message-not-found': 24,
  /** Somebody else wrote the message. */
  'not-author': 25,
  /** The message could not be made durable, and is not in the log. */
  'not-stored': 26,
  /** The words of the search make no sense; the message says which. */
  'query-invalid': 27,
  /** The server is about to stop and begins nothing new; `retryAfterMs` says when it may be back. */
  'server-draining': 32,
  /** The nickname belongs to an account: it takes a login. */
  'login-required': 40,
  /** The name and what was shown as its proof do not belong together, or there is no such account. */
  'login-failed': 41,
  /** Only users with an account may do this, or come in at all. */
  'account-required': 42,
  /** The password breaks the rules; the message says which. */
  'password-invalid': 43,
  /** A new account takes an invite code here, and there was none, or it is used up, expired or none at all. */
  'invite-invalid': 44,
  /** This user has an account already. */
  'account-exists': 45,
  /** The server takes no new accounts now. */
  'registration-closed': 46,
  /** The role of this user does not allow it, or not to this user. */
  'not-permitted': 47,
  /** This user may read here and not write. */
  muted: 48,
  /** The room takes one message of a user in so much time; `retryAfterMs` says when the next one. */
  'slow-mode': 49,
  /** This user may not come in. */
  banned: 50,
  /** The room takes those who were invited. */
  'room-invite-only': 51,
  /** There is no such ban (any more). */
  'ban-not-found': 52,
  /** That is nothing that could be banned; the message says why. */
  'target-invalid': 53,
  /** There are as many roles, bans, mutes or invites as there may be. */
  'limit-reached': 54,
  /** No credential of the account has this name, or one has it already. */
  'credential-name': 55,
  /** Something in the shared folder has this name, or is about to get it. */
  'file-exists': 60,
  /** The file is larger than the server takes. */
  'file-too-large': 61,
  /** The shared folder may not grow so much, or the disk has no room. */
  'no-space': 62,
  /** The user has uploaded as much as one may. */
  'quota-exceeded': 63,
  /** The folder holds more than can be sent at once. */
  'folder-too-large': 70,
} as const;

/** Why a request was refused. */
export type FailureCode = keyof typeof FAILURE_CODES;

/** Number of each code of `goodbye` on the wire (CHAT-GOODBYE-1). */
export const GOODBYE_CODES = {
  /** A code that this side does not know, from a newer server. */
  unknown: 0,
  /** The answer to `leave`. */
  left: 1,
  /** No version of the protocol is spoken by both sides. */
  'version-unsupported': 2,
  /** `hello` did not come in time. */
  'hello-timeout': 3,
  /** The bytes were not Parley, or a message came where it must not. */
  'protocol-violation': 4,
  /** The client kept sending far above its allowance. */
  flooding: 5,
  /** The client did not read what was sent to it. */
  'slow-reader': 6,
  /** Nothing was asked for too long by a client without a nickname. */
  'idle-timeout': 7,
  /** The client answered no ping. */
  'peer-silent': 8,
  /** The server is stopping; `reconnectAfterMs` says when to come back, if it will. */
  'server-stopping': 9,
  /** The server has as many connections as it takes. */
  'server-full': 10,
  /** Too many connections come from this address. */
  'address-limit': 11,
  /** The server made a mistake. */
  'internal-error': 12,
  /** The same user came with another connection. */
  replaced: 13,
  /** This server speaks TLS only, and the client did not. */
  'tls-required': 32,
  /** Connections come too fast, from this address or from all together. */
  'connection-rate': 33,
  /** An operator has ended the connection. */
  kicked: 40,
  /** This user, or this address, may not come in. */
  banned: 41,
  /** That by which this client came in counts no more. */
  'credential-revoked': 42,
  /** An emergency: the server takes no guests now. */
  'not-admitted': 43,
  /** The user of this client has deleted the account. */
  'account-deleted': 44,
} as const;

/** Why the server ends a connection. */
export type GoodbyeCode = keyof typeof GOODBYE_CODES;

/** Number of each cause of `left` on the wire (CHAT-LEFT-2). */
export const LEAVE_CAUSES = {
  /** A cause that this side does not know, from a newer server. */
  unknown: 0,
  /** The user left with `leave`. */
  left: 1,
  /** The connection broke or was closed without `leave`. */
  'connection-lost': 2,
  /** The client answered no ping. */
  'timed-out': 3,
  /** The server ended the connection. */
  disconnected: 4,
  /** Somebody who may do so has sent the user away. */
  removed: 5,
} as const;

/** How a user came to leave a room. */
export type LeaveCause = keyof typeof LEAVE_CAUSES;

/** Number of each kind of room on the wire (CHAT-ROOM-2). */
export const ROOM_KINDS = {
  /** A kind that this side does not know, from a newer server. */
  unknown: 0,
  /** Everybody may come in. */
  public: 1,
  /** The conversation of two users. */
  direct: 2,
} as const;

/** What a room is. */
export type RoomKind = keyof typeof ROOM_KINDS;

/** Number of each role on the wire (CHAT-ROLE-1). */
export const ROLES = {
  /** A role that this side does not know, from a newer server. */
  unknown: 0,
  /** May do everything, everywhere but in the conversations of others. */
  operator: 1,
  /** May do everything in a room. */
  owner: 2,
  /** Keeps the peace in a room. */
  moderator: 3,
  /** Everybody else; in a room for those who were invited, who was. */
  member: 4,
  /** May read and not write, for a while or for good. */
  muted: 5,
} as const;

/** What somebody may do. */
export type RoleName = keyof typeof ROLES;

/** Number of each kind of credential on the wire (CHAT-KEY-1, CHAT-TOKEN-1). */
export const CREDENTIAL_KINDS = {
  /** A kind that this side does not know, from a newer server. */
  unknown: 0,
  /** The public half of a key that a client made itself. */
  key: 1,
  /** A secret that the server made, for a program. */
  token: 2,
} as const;

/** What shows that somebody is the owner of an account, besides the password. */
export type CredentialKind = keyof typeof CREDENTIAL_KINDS;

/** Number of each level of emergency on the wire (CHAT-EMERGENCY-1). */
export const EMERGENCY_LEVELS = {
  /** A level that this side does not know, from a newer server. */
  unknown: 0,
  /** None: as the operator started the server. */
  off: 1,
  /** Only users with an account. */
  registered: 2,
  /** Only users with an account, and nobody makes a new one. */
  closed: 3,
} as const;

/** How much less a server takes in an emergency. */
export type EmergencyLevel = keyof typeof EMERGENCY_LEVELS;

/** Number of each way into a room on the wire (CHAT-ENTRY-1). */
export const ROOM_ENTRIES = {
  /** A way that this side does not know, from a newer server. */
  unknown: 0,
  /** Everybody may come in. */
  open: 1,
  /** Those who were invited. */
  invited: 2,
} as const;

/** Who may come into a room. */
export type RoomEntryName = keyof typeof ROOM_ENTRIES;

/** Number of each thing that a moderator does to somebody on the wire (CHAT-MODERATE-1). */
export const MODERATION_ACTIONS = {
  /** Sends somebody out, who may come back. */
  kick: 1,
  /** Takes the right to write away. */
  mute: 2,
  unmute: 3,
  /** Sends somebody out, who may not come back. */
  ban: 4,
  unban: 5,
} as const;

/** What a moderator does to somebody. */
export type ModerationAction = keyof typeof MODERATION_ACTIONS;

/** Number of each kind of entry in a room's log on the wire (CHAT-LOG-2). */
export const ENTRY_KINDS = {
  /** A kind that this side does not know, from a newer server: it has a place in the log and nothing to show. */
  unknown: 0,
  /** Somebody said something. */
  text: 1,
  /** The author of the entry `target` gave it another text. */
  edit: 2,
  /** The author of the entry `target` took its text back. */
  delete: 3,
  /** Somebody gave the room another topic, which is the text; without text it has none. */
  topic: 4,
} as const;

/** What an entry of a log is. */
export type EntryKind = keyof typeof ENTRY_KINDS;

/** Number of each direction of reading on the wire (CHAT-HISTORY-1). */
export const READ_DIRECTIONS = {
  /** From older to newer: the entries after a place. */
  after: 1,
  /** From newer to older: the entries before a place. */
  before: 2,
} as const;

/** Which way a log is read. */
export type ReadDirection = keyof typeof READ_DIRECTIONS;

/** What is said of a file in the stream of its folder (CHAT-FOLDER-4), before and after its bytes. */
export const FOLDER_STATUS = {
  /** Before: its bytes follow. After: those were all, and it has not changed meanwhile. */
  whole: 0,
  /** It is not the one that the list has, or not any more. */
  changed: 1,
  /** It cannot be read; only before. */
  unreadable: 2,
  /** Before: its bytes follow from the one on that was asked for; the receiver has those before it. */
  rest: 3,
} as const;

/** Number of each order of a list of files on the wire (CHAT-LIST-9). Files that are equal in it follow by their paths. */
export const FILE_ORDERS = {
  /** By path, by UTF-16 code units. */
  name: 1,
  'name-descending': 2,
  /** The smallest first. */
  size: 3,
  'size-descending': 4,
  /** The oldest change first. */
  time: 5,
  'time-descending': 6,
} as const;

/** In which order files are listed. */
export type FileOrder = keyof typeof FILE_ORDERS;

/** Number of each outcome of `transfer-ended` on the wire (CHAT-TRANSFER-5). */
export const TRANSFER_OUTCOMES = {
  /** An outcome that this side does not know, from a newer server. */
  unknown: 0,
  /** The receiver has acknowledged every byte. */
  completed: 1,
  /** The client asked for the end: `cancel-transfer`, or a reset of the UDP connection. */
  cancelled: 2,
  /** Nobody came with the ticket in time. */
  'ticket-expired': 3,
  /** The UDP connection broke or fell silent. */
  'connection-lost': 4,
  /** The file changed while it was sent, so that its digest would not match. */
  'file-changed': 5,
  /** The file could not be read to its end. */
  'file-unreadable': 6,
  /** The server is stopping. */
  'server-stopping': 7,
  /** The server made a mistake. */
  'internal-error': 8,
  /** What a client sent is not what it had announced. */
  'content-mismatch': 20,
  /** The disk of the server is full. */
  'no-space': 21,
  /** Something else got the name while the file was sent. */
  'file-exists': 22,
} as const;

/** How a transfer ended, as the server saw it. */
export type TransferOutcome = keyof typeof TRANSFER_OUTCOMES;
