/**
 * The port through which the chat server has files moved. The implementation runs the UDP endpoint and reads the files
 * in a thread of its own; a fake stands in for it in tests. The chat side decides who may have which bytes, the host
 * only moves them.
 *
 * Promise of a host: every offer that was resolved ends with exactly one `completed` or `failed` event, whatever
 * happens (also after `cancel`, after `close`, and when the thread dies). No event of a transfer follows that one.
 */
import type { AnnouncedFile, OutgoingFile } from '@parley/folders';
import type { ByteRange, FilePath, Nickname, Sha256, Ticket, TransferId } from '@parley/protocol';
import type { RateLimits } from '@parley/rudp';
import type { UploadedFolder } from '../domain/transfers/upload-description.ts';

/** Bytes of files per second that a host moves at most; no limit unless given. */
export interface TransferRates {
  /** To clients. */
  readonly download?: RateLimits | undefined;
  /** From clients. */
  readonly upload?: RateLimits | undefined;
}

/** What lets one connection come for a transfer. */
export interface TransferTicket {
  readonly transferId: TransferId;
  /** 32 random bytes, good for one connection: identity and key of it are derived from them. */
  readonly ticket: Ticket;
  /** How long the ticket waits for its connection; after that the transfer fails with `ticket-expired`. */
  readonly ticketLifetimeMs: number;
}

/** Bytes to be sent to whoever comes with the ticket. */
interface OutgoingOffer extends TransferTicket {
  /** Whose transfer it is: where a rate is shared, users get equal parts of it. */
  readonly user: string;
  /** Where the receiver's control connection comes from: what is known of the path there lets the next transfer start faster. */
  readonly address: string | undefined;
  /** For logs. */
  readonly name: FilePath;
  /** For logs. */
  readonly nickname: Nickname;
}

/** Files of a folder; of one that is not as it was announced the receiver is told so. */
export interface FolderOffer extends OutgoingOffer {
  /** Sent before the files: the list of the folder, or nothing. */
  readonly manifest: Uint8Array;
  readonly files: readonly OutgoingFile[];
}

/** One file; when it is not as it was announced the transfer fails with `file-changed`. */
export interface TransferOffer extends OutgoingOffer, AnnouncedFile {
  /** Sent before anything of the file: the digests of its chunks, or nothing. */
  readonly chunkHashes: Uint8Array;
  /** The digests of all chunks, for somebody who has them and asks for more: what is sent is compared with them first. */
  readonly comparedWith?: Uint8Array | undefined;
  /** The parts of the file that are sent, in ascending order and within its size; FIN follows the last. */
  readonly ranges: readonly ByteRange[];
  /** The digests go with the bytes: nothing was known of them when the file was offered. */
  readonly following?: FollowingDigests | undefined;
}

/** Digests that are sent with the bytes that they are of. */
export interface FollowingDigests {
  /** What somebody finds out about them meanwhile: of a `HashProgress`. */
  readonly progress: SharedArrayBuffer | undefined;
}

/** One file to be taken from whoever comes with the ticket. */
export interface UploadOffer extends TransferTicket {
  /** As of an offer. */
  readonly user: string;
  /** Absolute path of the name that the file gets when all of it is there. */
  readonly path: string;
  /**
   * Absolute path, on the same file system, of the file that holds what has arrived, in this attempt or in earlier ones at the
   * same file. One upload at a time has it. The list of chunks is kept beside it, under that path and `.list`.
   */
  readonly partPath: string;
  readonly size: number;
  /** Stands for the digests of the file's chunks. */
  readonly chunkRoot: Sha256;
}

/** A folder to be taken from whoever comes with the ticket. */
export interface FolderUploadOffer extends UploadOffer {
  /** What was announced of it; `size` is that of all files, `chunkRoot` the digest of the list, and `partPath` the folder in which it arrives. */
  readonly folder: UploadedFolder;
}

/** Why a transfer failed. */
export type TransferFailure =
  /** `cancel` was called. */
  | 'cancelled'
  /** The receiver reset the UDP connection. */
  | 'cancelled-by-receiver'
  /** Nobody came with the ticket in time. */
  | 'ticket-expired'
  /** The UDP connection broke or fell silent. */
  | 'connection-lost'
  /** The file is not the one that was offered (any more). */
  | 'file-changed'
  /** The file is not what its digests say (any more), although it looks as it did when they were made. */
  | 'digest-wrong'
  /** The file could not be opened or read. */
  | 'file-unreadable'
  /** What a client sent is not what it had announced. */
  | 'content-mismatch'
  /** The disk is full. */
  | 'no-space'
  /** Something else got the name of an uploaded file. */
  | 'file-exists'
  /** `close` was called. */
  | 'host-closed'
  /** A mistake on our side, such as a thread that died. */
  | 'internal-error';

/** What a host tells. Counts of bytes are bytes of the file that the receiver has acknowledged, or that were verified here. */
export type TransferHostEvent =
  /** The ticket was presented; it opens nothing from now on. */
  | { readonly type: 'started'; readonly transferId: TransferId }
  /** Told at most a few times a second. */
  | { readonly type: 'progress'; readonly transferId: TransferId; readonly bytesSent: number }
  /** A file of a folder is not what its digest says, although it looks as it did when that was made; the receiver was told that it has changed. */
  | { readonly type: 'file-differs'; readonly transferId: TransferId; readonly path: string }
  /** The receiver has acknowledged every byte and the end of the stream; or an upload is durable under its name. */
  | {
      readonly type: 'completed';
      readonly transferId: TransferId;
      readonly bytesSent: number;
      readonly durationMs: number;
    }
  | {
      readonly type: 'failed';
      readonly transferId: TransferId;
      readonly bytesSent: number;
      readonly reason: TransferFailure;
      /** For logs: what happened, in lower-case words. */
      readonly detail: string;
    };

/** Moves files. All methods may be called at any time before `close`. */
export interface TransferHost {
  /** Where the UDP endpoint listens. */
  address(): { readonly host: string; readonly port: number };
  /** Port of the loopback where transfers over TLS are taken, once the door has seen that they are some; `undefined`: nowhere. */
  tlsPort(): number | undefined;
  /**
   * Makes the ticket known. Resolves when the endpoint will accept it, so that the client can be told; rejects with a
   * local error when the host cannot take it, and then no event follows.
   */
  offer(offer: TransferOffer | FolderOffer): Promise<void>;
  /**
   * As `offer`, for a file that is to come: it gets its name when it is whole, verified and durable. Gives the byte from
   * which it is to come: those before are here from an earlier attempt, and were verified again.
   */
  expect(upload: UploadOffer | FolderUploadOffer): Promise<{ readonly start: number }>;
  /**
   * Revokes the ticket, or resets the connection that it opened. Unknown or ended transfers are ignored. With `isKept` an
   * upload fails with `connection-lost` instead of `cancelled`, and what came of it is there for the next attempt.
   */
  cancel(transferId: TransferId, options: { readonly isKept: boolean }): void;
  /** Registers the one listener of events. */
  onEvent(listener: (event: TransferHostEvent) => void): void;
  /** Ends every transfer and frees the socket and the thread. May be called twice. */
  close(): Promise<void>;
}
