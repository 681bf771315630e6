import type {
  ByteRange,
  ClientMessageOf,
  FileName,
  FileOrder,
  FilePath,
  GoodbyeCode,
  LeaveCause,
  Nickname,
  NicknameKey,
  Password,
  RoomName,
  ServerMessage,
  Sha256,
  TransferId,
  TransferOutcome,
} from '@parley/protocol';
import type { AccountChange, AuditQuery, NewAuditEntry, PasswordHash } from '../accounts/account-store.ts';
import type { HistoryQuery, SearchQuery, StoreOperation, UserId } from '../history/history-store.ts';
import type { ConnectionId } from './events.ts';
import type { SentFile, UploadAnnouncement, UploadedFolder } from './transfers/upload-description.ts';

/** What the driver has to do, in this order. */
export type Effect =
  | { readonly type: 'send'; readonly connectionId: ConnectionId; readonly message: ServerMessage }
  /** The same message to many: encode it once. */
  | {
      readonly type: 'broadcast';
      readonly connectionIds: readonly ConnectionId[];
      readonly message: ServerMessage;
    }
  /** Close after what was sent, and tell nothing more about this connection. */
  | { readonly type: 'close'; readonly connectionId: ConnectionId }
  /** Read a page of the shared files; answer with `file-list-ready`. `limit` 0 means as many as fit. */
  | {
      readonly type: 'list-files';
      readonly connectionId: ConnectionId;
      readonly requestId: number;
      readonly cursor: string | undefined;
      readonly limit: number;
      readonly pattern: string;
      readonly order: FileOrder;
    }
  /** Somebody wants to hear of changes of the shared files, as `files-changed`; or nobody does any more. */
  | { readonly type: 'watch-files'; readonly isWanted: boolean }
  /** Find and hash the file and offer it; answer with `transfer-opened` or `transfer-refused`. */
  | {
      readonly type: 'open-transfer';
      readonly transferId: TransferId;
      readonly name: FilePath;
      /** Of the digests that the client has, and so of the file whose parts it wants. */
      readonly chunkRoot: Sha256 | undefined;
      /** `undefined` for the whole file. */
      readonly ranges: readonly ByteRange[] | undefined;
      /** Of which file the client has parts. */
      readonly version: { readonly size: number; readonly modifiedAt: number } | undefined;
      readonly nickname: Nickname;
      readonly userId: UserId;
      /** Where the client comes from; undefined on loopback. */
      readonly address: string | undefined;
    }
  /** Read what stands below a folder and offer it; answer with `folder-opened` or `transfer-refused`. */
  | {
      readonly type: 'open-folder';
      readonly transferId: TransferId;
      readonly name: FilePath;
      /** Of the list that the client has, and so of the one in which the ranges are places. */
      readonly known: Sha256 | undefined;
      /** `undefined` for all of it. */
      readonly ranges: readonly ByteRange[] | undefined;
      /** The file of which the client has the first bytes, with their digest. */
      readonly begun: ClientMessageOf<'request-folder'>['begun'];
      readonly nickname: Nickname;
      readonly userId: UserId;
      /** Where the client comes from; undefined on loopback. */
      readonly address: string | undefined;
    }
  /** Make room for a file and wait for it; answer with `upload-opened` or `transfer-refused`. */
  | {
      readonly type: 'open-upload';
      readonly transferId: TransferId;
      readonly name: FileName;
      /** Of the file, or of all files of the folder. */
      readonly size: number;
      /** Of a folder: of its list. */
      readonly chunkRoot: Sha256;
      /** When it is one. */
      readonly folder: UploadedFolder | undefined;
      readonly nickname: Nickname;
      readonly userId: UserId;
      /** From which of the user's devices it comes. */
      readonly device: string;
      /** Whose quota it is; `undefined` for guests, who have one together. */
      readonly account: NicknameKey | undefined;
      /** Who may have it, when it is not for the shared folder. */
      readonly sent: SentFile | undefined;
      /** What a room is to read when it is there: to be kept until `settle-upload`, and told of by `upload-found` after a restart. */
      readonly announcement: UploadAnnouncement | undefined;
    }
  /** Nobody is to be told of this upload any more. */
  | { readonly type: 'settle-upload'; readonly path: string }
  /**
   * The account of this user is deleted, and its transfers are cancelled: remove what came of its uploads and has no name, and what was
   * sent to it.
   */
  | { readonly type: 'forget-user'; readonly userId: UserId; readonly account: NicknameKey }
  /** Remove what was sent, if this user is one of the two; answer with `file-discarded`. */
  | {
      readonly type: 'discard-file';
      readonly connectionId: ConnectionId;
      readonly requestId: number;
      readonly name: FilePath;
      readonly userId: UserId;
    }
  /** Look for what others than `nickname` have sent to this user; answer with `sent-listed`. */
  | {
      readonly type: 'list-sent';
      readonly connectionId: ConnectionId;
      readonly requestId: number;
      readonly userId: UserId;
      readonly nickname: Nickname;
    }
  /** Stop opening it, revoke its ticket, or reset its connection; then `transfer-refused` or `transfer-ended` follows. */
  | {
      readonly type: 'cancel-transfer';
      readonly transferId: TransferId;
      /** Nobody said that the file is not wanted: what came of an upload is kept. */
      readonly isKept: boolean;
    }
  /** Have the store write all of it; answer with `written`. Batches take effect in the order of their numbers. */
  | {
      readonly type: 'write';
      readonly batchId: number;
      readonly operations: readonly StoreOperation[];
    }
  /** Read part of a log; answer with `history-read`. */
  | {
      readonly type: 'read-history';
      readonly connectionId: ConnectionId;
      readonly requestId: number;
      readonly query: HistoryQuery;
    }
  /** Search in the logs; answer with `search-done`. */
  | {
      readonly type: 'search';
      readonly connectionId: ConnectionId;
      readonly requestId: number;
      readonly query: SearchQuery;
    }
  /** Look up how far a user has read; answer with `markers-read`. */
  | {
      readonly type: 'read-markers';
      readonly connectionId: ConnectionId;
      readonly userId: UserId;
      readonly roomKeys: readonly string[];
    }
  /** Hash a new password; answer with `password-hashed`. */
  | { readonly type: 'hash-password'; readonly workId: number; readonly password: Password }
  /**
   * Check a password; answer with `password-checked`. Without anything to check it against it is wrong, and finding that
   * out has to take as long.
   */
  | {
      readonly type: 'check-password';
      readonly workId: number;
      readonly password: string;
      readonly against: PasswordHash | undefined;
    }
  /** Have the store keep all of it; answer with `accounts-written`. */
  | {
      readonly type: 'write-accounts';
      readonly workId: number;
      readonly changes: readonly AccountChange[];
      readonly audited: readonly NewAuditEntry[];
    }
  /** Read decisions; answer with `audit-read`. */
  | { readonly type: 'read-audit'; readonly workId: number; readonly query: AuditQuery }
  /** Something worth a line in a log. */
  | { readonly type: 'note'; readonly note: ServerNote };

/** What is worth a line in a log. Text in it is safe to show (CHAT-TEXT-2), addresses are not among it. */
export type ServerNote =
  | { readonly name: 'session-opened'; readonly connectionId: ConnectionId }
  | {
      readonly name: 'session-refused';
      readonly connectionId: ConnectionId;
      readonly code: GoodbyeCode;
    }
  | { readonly name: 'session-greeted'; readonly connectionId: ConnectionId; readonly agent: string }
  | { readonly name: 'room-created'; readonly connectionId: ConnectionId; readonly room: RoomName }
  /** A batch of writes was lost; its senders were told. */
  | { readonly name: 'write-failed'; readonly operations: number; readonly detail: string }
  | { readonly name: 'user-joined'; readonly connectionId: ConnectionId; readonly nickname: Nickname }
  | { readonly name: 'account-created'; readonly connectionId: ConnectionId; readonly nickname: Nickname }
  | { readonly name: 'account-deleted'; readonly connectionId: ConnectionId; readonly nickname: Nickname }
  | { readonly name: 'password-changed'; readonly connectionId: ConnectionId; readonly nickname: Nickname }
  /** Somebody in charge has decided something. */
  | {
      readonly name: 'decreed';
      readonly by: Nickname;
      readonly action: string;
      /** `undefined`: the whole server. */
      readonly room: RoomName | undefined;
      readonly target: string;
      readonly detail: string;
    }
  /** Somebody could not show to be who they wanted to be. */
  | { readonly name: 'login-failed'; readonly connectionId: ConnectionId; readonly nickname: string }
  | {
      readonly name: 'user-left';
      readonly connectionId: ConnectionId;
      readonly nickname: Nickname;
      readonly cause: LeaveCause;
      /** What the others were told. */
      readonly reason: string;
      readonly detail: string;
    }
  | {
      readonly name: 'session-ended';
      readonly connectionId: ConnectionId;
      /** The goodbye that was said; `undefined` when the connection was gone. */
      readonly code: GoodbyeCode | undefined;
      readonly detail: string;
      readonly durationMs: number;
    }
  /** The client reads too slowly: from now on it has to fetch what is said. */
  | { readonly name: 'session-behind'; readonly connectionId: ConnectionId; readonly queuedBytes: number }
  /** Told once per session. */
  | { readonly name: 'session-flooding'; readonly connectionId: ConnectionId }
  | {
      readonly name: 'transfer-offered';
      readonly connectionId: ConnectionId;
      readonly transferId: TransferId;
      readonly nickname: Nickname | undefined;
      readonly file: FilePath;
      readonly size: number;
      /** Of the file's own bytes: fewer than `size` when a client goes on with what it has. */
      readonly bytesToSend: number;
    }
  | {
      readonly name: 'upload-offered';
      readonly connectionId: ConnectionId;
      readonly transferId: TransferId;
      readonly nickname: Nickname | undefined;
      readonly file: FilePath;
      readonly size: number;
      /** Of the file's own bytes: fewer than `size` when the server has some from an earlier time. */
      readonly bytesToReceive: number;
    }
  /** A room could not be told of an uploaded file. */
  | { readonly name: 'upload-not-announced'; readonly path: string; readonly detail: string }
  | {
      readonly name: 'transfer-refused';
      readonly transferId: TransferId;
      readonly file: FilePath;
      readonly code: string;
      readonly detail: string;
    }
  | { readonly name: 'transfer-started'; readonly transferId: TransferId; readonly file: FilePath }
  | {
      readonly name: 'transfer-ended';
      readonly transferId: TransferId;
      readonly file: FilePath;
      readonly outcome: TransferOutcome;
      readonly bytesSent: number;
      readonly detail: string;
    };
