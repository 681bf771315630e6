import type {
  ClientMessage,
  FailureCode,
  FileEntry,
  SearchHit,
  SentFileEntry,
  Sha256,
  Ticket,
  TransferId,
  TransferOutcome,
} from '@parley/protocol';
import type { PasswordHash, StoredAuditEntry } from '../accounts/account-store.ts';
import type { HistoryPage, SearchQuery, StoreResult } from '../history/history-store.ts';
import type { UploadAnnouncement } from './transfers/upload-description.ts';

/** Number of a connection, chosen by the driver and never used twice. */
export type ConnectionId = number & { readonly connectionId: unique symbol };

/** A page of the shared files, as the driver read it. */
export type FileListResult =
  | { readonly ok: true; readonly files: readonly FileEntry[]; readonly nextCursor: string | undefined }
  | { readonly ok: false; readonly code: FailureCode; readonly message: string };

/** What came of asking the store: the answer, or words about why there is none. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly message: string };
/** What came of a batch of writes. */
export type WriteOutcome = Outcome<readonly StoreResult[]>;

/** What happens to a server. The driver tells each event with the time at which it happened. */
export type ServerEvent =
  /** `address` counts the connections of one place; `undefined` for loopback, which is not counted. */
  | {
      readonly type: 'connection-opened';
      readonly connectionId: ConnectionId;
      readonly address: string | undefined;
    }
  | {
      readonly type: 'message-received';
      readonly connectionId: ConnectionId;
      readonly message: ClientMessage;
    }
  /** The bytes were not Parley. */
  | { readonly type: 'decode-failed'; readonly connectionId: ConnectionId; readonly problem: string }
  /** The client closed the connection, or it broke; `detail` for logs. */
  | { readonly type: 'connection-closed'; readonly connectionId: ConnectionId; readonly detail: string }
  /** Bytes of earlier turns wait to be read by the client, `queuedBytes` with those of this turn; 0 when none do any more. */
  | { readonly type: 'connection-backlog'; readonly connectionId: ConnectionId; readonly queuedBytes: number }
  /** Answer to the effect `list-files`. */
  | {
      readonly type: 'file-list-ready';
      readonly connectionId: ConnectionId;
      readonly requestId: number;
      readonly result: FileListResult;
    }
  /** The shared files are others than before; told at most once in a second. */
  | { readonly type: 'files-changed' }
  /** Answer to the effect `open-transfer`: the host accepts the ticket. */
  | {
      readonly type: 'transfer-opened';
      readonly transferId: TransferId;
      readonly ticket: Ticket;
      readonly ticketLifetimeMs: number;
      readonly udpPort: number;
      readonly size: number;
      readonly modifiedAt: number;
      /** `undefined` when they come with the bytes. */
      readonly digests: { readonly sha256: Sha256; readonly chunkRoot: Sha256 } | undefined;
      /** Of the file's own bytes. */
      readonly bytesToSend: number;
    }
  /** Answer to the effect `open-folder`: the host accepts the ticket. */
  | {
      readonly type: 'folder-opened';
      readonly transferId: TransferId;
      readonly ticket: Ticket;
      readonly ticketLifetimeMs: number;
      readonly udpPort: number;
      /** Of all files. */
      readonly size: number;
      readonly manifestRoot: Sha256;
      readonly manifestBytes: number;
      /** Of the files' own bytes. */
      readonly bytesToSend: number;
    }
  /** Answer to the effect `open-upload`: the host accepts the ticket. */
  | {
      readonly type: 'upload-opened';
      readonly transferId: TransferId;
      readonly ticket: Ticket;
      readonly ticketLifetimeMs: number;
      readonly udpPort: number;
      readonly size: number;
      /** How many bytes of the file are here from an earlier time. */
      readonly start: number;
    }
  /** Answer to the effect `open-transfer` or `open-upload`: there will be none. */
  | {
      readonly type: 'transfer-refused';
      readonly transferId: TransferId;
      readonly code: FailureCode;
      readonly message: string;
      /** When it may be granted. */
      readonly retryAfterMs?: number | undefined;
    }
  /** Answer to the effect `discard-file`. */
  | {
      readonly type: 'file-discarded';
      readonly connectionId: ConnectionId;
      readonly requestId: number;
      readonly isFound: boolean;
    }
  /** Answer to the effect `list-sent`; `undefined` when they could not be looked for. */
  | {
      readonly type: 'sent-listed';
      readonly connectionId: ConnectionId;
      readonly requestId: number;
      readonly files: readonly SentFileEntry[] | undefined;
    }
  /** The ticket was presented. */
  | { readonly type: 'transfer-started'; readonly transferId: TransferId }
  /** The transfer is over. `message` is shown to the client. */
  | {
      readonly type: 'transfer-ended';
      readonly transferId: TransferId;
      readonly outcome: TransferOutcome;
      readonly bytesSent: number;
      readonly message: string;
    }
  /** An upload is there whose room was not told of it, as far as is known: a server that was killed, or a disk that failed. */
  | { readonly type: 'upload-found'; readonly announcement: UploadAnnouncement }
  /** Answer to the effect `write`: one result for each operation, or why none of them happened. */
  | { readonly type: 'written'; readonly batchId: number; readonly outcome: WriteOutcome }
  /** Answer to the effect `read-history`. */
  | {
      readonly type: 'history-read';
      readonly connectionId: ConnectionId;
      readonly requestId: number;
      readonly roomKey: string;
      readonly outcome: Outcome<HistoryPage>;
    }
  /** Answer to the effect `search`. */
  | {
      readonly type: 'search-done';
      readonly connectionId: ConnectionId;
      readonly requestId: number;
      readonly query: SearchQuery;
      readonly outcome: Outcome<readonly SearchHit[]>;
    }
  /** Answer to the effect `read-markers`. */
  | {
      readonly type: 'markers-read';
      readonly connectionId: ConnectionId;
      readonly markers: readonly { readonly roomKey: string; readonly sequence: number }[];
    }
  /** Answer to the effect `hash-password`. */
  | {
      readonly type: 'password-hashed';
      readonly workId: number;
      readonly outcome: Outcome<PasswordHash>;
    }
  /** Answer to the effect `check-password`: whether it is the right one. */
  | { readonly type: 'password-checked'; readonly workId: number; readonly outcome: Outcome<boolean> }
  /** Answer to the effect `write-accounts`. */
  | { readonly type: 'accounts-written'; readonly workId: number; readonly outcome: Outcome<undefined> }
  /** Answer to the effect `read-audit`. */
  | {
      readonly type: 'audit-read';
      readonly workId: number;
      readonly outcome: Outcome<readonly StoredAuditEntry[]>;
    }
  /** The time that `nextDeadline` named has come. */
  | { readonly type: 'deadline' }
  /** The operator stops the server soon: nothing new begins, transfers go on. `stop` follows. */
  | {
      readonly type: 'drain';
      readonly message: string;
      /** When `stop` follows at the latest. */
      readonly endsWithinMs: number;
      readonly reconnectAfterMs: number;
      readonly reconnectSpreadMs: number;
    }
  /** The operator stops the server. Without `reconnectAfterMs` it does not come back. */
  | {
      readonly type: 'stop';
      readonly message: string;
      readonly reconnectAfterMs: number | undefined;
      /** Clients are asked to come back at times that are spread over this one; none unless given. */
      readonly reconnectSpreadMs?: number;
    };
