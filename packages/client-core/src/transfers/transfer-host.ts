import type { ByteRange, Sha256 } from '@parley/protocol';
import type { Upload, UploadListener, UploadTask } from './upload-host.ts';

/** One file, or a folder, to fetch. */
export interface DownloadTask {
  /** Where it goes, final name included. Its folder must exist; a file's name must not. */
  readonly targetPath: string;
  /** Everything below a folder is wanted; one that is there is completed. */
  readonly isFolder?: boolean | undefined;
}

/** What tells one state of a file from another before anything of it is read. */
export interface FileVersion {
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modifiedAt: number;
}

/** What the control connection offered: the way to bytes that were wanted. */
export interface DownloadOffer {
  /** The id under which the control connection knows the transfer; the host only hands it on to logs. */
  readonly transferId: number;
  /** Host of the server: the one that the control connection reached. */
  readonly host: string;
  readonly udpPort: number;
  /** Port of the control connection: transfers over TLS go there. */
  readonly tcpPort: number;
  /** 32 random bytes, usable once and only for a while. */
  readonly ticket: Uint8Array;
  /** Bytes of the whole file, or of all files of the folder. */
  readonly size: number;
  /** Milliseconds since 1970; of a folder 0. */
  readonly modifiedAt: number;
  /** `undefined` when they come with the bytes. */
  readonly digests: OfferedDigests | undefined;
  /** Of a folder: the bytes of its list. */
  readonly manifestBytes?: number;
}

/** What stands for a file, or for a folder; 32 bytes each. */
export interface OfferedDigests {
  /** SHA-256 of the whole file; of a folder, of its list. */
  readonly sha256: Uint8Array;
  /** Stands for the digests of the file's chunks; of a folder, SHA-256 of its list too. */
  readonly chunkRoot: Uint8Array;
}

/** What goes with every request for an offer. */
export interface Wish {
  /** Bytes of the file that are where they are to go. */
  readonly receivedBytes: number;
  /** Bytes that have moved for this transfer so far. */
  readonly arrivedBytes: number;
  /** Why the offer before this one did not do, when something went wrong. */
  readonly trouble: TransferTrouble | undefined;
}

/** What a download lacks, for the next request to the server. */
export interface WantedBytes extends Wish {
  /** Of a folder: the path below it of a file that is fetched by itself; the folder unless given. */
  readonly file?: string;
  /** Of the digests that are here; the ranges are parts of that file. Of a folder: of the list that is here, and places in it. */
  readonly chunkRoot: Uint8Array | undefined;
  /** `undefined` for the whole file; none to get the digests alone. */
  readonly ranges: readonly ByteRange[] | undefined;
  /** The file of which parts are here. */
  readonly version?: FileVersion | undefined;
  /** Of a folder: the file at one of these places of which the first bytes are here, with their SHA-256. */
  readonly begun?: { readonly place: number; readonly bytes: number; readonly sha256: Sha256 } | undefined;
}

/** How bytes go: over UDP, over TLS because the user wants it so, or over TLS because UDP does not get through. */
export type TransferRoute = 'udp' | 'tls' | 'fallback';

/** What a client may use: `auto` is UDP, and TLS where UDP does not get through. */
export type TransferPolicy = 'auto' | 'udp' | 'tcp';

/** What a download, or an upload, is doing. */
export type TransferPhase =
  /** What is here from an earlier time, or is to be sent, is being looked at. */
  | 'preparing'
  /** An offer is awaited. */
  | 'waiting'
  | 'connecting'
  | 'receiving'
  | 'sending'
  | 'paused'
  /** All bytes are where they are to go; here or at the server they are looked at as a whole. */
  | 'verifying';

/** A snapshot, given at most ten times a second and once when the phase changes. */
export interface TransferProgress {
  readonly phase: TransferPhase;
  /** Bytes of the file that are on the disk, in whatever order they came; of an upload, that the server has. */
  readonly receivedBytes: number;
  /** How many of them were there already at the beginning. */
  readonly resumedBytes: number;
  /** Undefined until it is known. */
  readonly size: number | undefined;
  /** Smoothed over the last seconds; 0 while nothing arrives. */
  readonly bytesPerSecond: number;
  /** Of the connection that was made last; undefined before there was one. */
  readonly route: TransferRoute | undefined;
  /** How often the source turned out to be another one than before: the server's file, or of an upload the folder here. */
  readonly changesSeen: number;
}

/** Why a download, or an upload, failed. Whatever the reason, no file is left under the final name. */
export type HostFailureCode =
  /** Something has the final name already; it was not touched. */
  | 'target-exists'
  /** Another download is going to the same place. */
  | 'target-busy'
  /** The folder does not exist, is no folder, or may not be written to. */
  | 'target-unwritable'
  | 'disk-full'
  /** Writing, syncing or renaming failed for another reason, which the message names. */
  | 'disk-error'
  /** No answer from the server's ports for transfers: the server is gone, or they are blocked on the way. */
  | 'server-unreachable'
  /** The server did not know the ticket: it has expired or was used. */
  | 'ticket-refused'
  /** The server answered at first and then no more. */
  | 'connection-lost'
  /** The file changed while it was sent. */
  | 'source-changed'
  /** There is more in the folder than a list may have. */
  | 'folder-too-large'
  /** Who sends could not read the file (any more). */
  | 'source-unreadable'
  /** The disk of the server is full. */
  | 'no-space'
  /** At the server something else got the name while the file was sent. */
  | 'file-exists'
  /** The server ended the transfer: it stops, or somebody there cancelled it. */
  | 'server-cancelled'
  /** The server ended the stream with more or fewer bytes than it had announced. */
  | 'size-mismatch'
  /** What arrived is not what was announced, also after another try. */
  | 'hash-mismatch'
  /** The server broke the rules of the transport. */
  | 'protocol-violation'
  /** The thread that moves files died, or the host was closed. */
  | 'host-failed';

/** Why a download cannot go on, or had to be interrupted. */
export interface TransferTrouble {
  readonly code: HostFailureCode;
  /** One sentence for a person: what happened and what may help. */
  readonly message: string;
}

/** How a download, or an upload, ended; each ends with exactly one of these. */
export type TransferEnd =
  | {
      readonly kind: 'completed';
      /** The final name; of an upload, what was sent. */
      readonly path: string;
      readonly size: number;
      readonly durationMs: number;
      /** Of the whole file; not told of folders. */
      readonly sha256?: Uint8Array | undefined;
      /** Paths of what of an uploaded folder was not sent: what is hidden, devices, links that lead out, what cannot be read. */
      readonly leftOut?: readonly string[];
    }
  /** Nothing is left of it. */
  | { readonly kind: 'cancelled' }
  /** What has arrived is kept, for another download to the same place. */
  | { readonly kind: 'stopped' }
  /** What has arrived is kept, unless it is worthless. */
  | ({ readonly kind: 'failed' } & TransferTrouble);

/** What a download tells. Nothing is told after its outcome. */
export interface DownloadListener {
  readonly onProgress: (progress: TransferProgress) => void;
  /** An offer is needed: `take` it. Told at the beginning, and whenever an offer did not give everything. */
  readonly onWanted: (wanted: WantedBytes) => void;
}

/** One running transfer. All methods may be called at any time; after the end they do nothing. */
export interface RunningTransfer<Task, Offer> {
  readonly task: Task;
  /** Never rejects. */
  readonly outcome: Promise<TransferEnd>;
  /** Gives what `onWanted` asked for; does nothing when nothing is wanted. */
  take(offer: Offer): void;
  /** Stops the flow of bytes; the connection is kept alive. */
  pause(): void;
  resume(): void;
  /** The offer that was taken is worth nothing any more: what is missing is wanted anew. */
  interrupt(): void;
  /** Ends the download and keeps what has arrived; `outcome` becomes `stopped` unless it is settled. */
  stop(): void;
  /** Ends the download and removes what has arrived; `outcome` becomes `cancelled` unless it is settled. */
  cancel(): void;
}

/** One running download. */
export type Download = RunningTransfer<DownloadTask, DownloadOffer>;

/**
 * Runs downloads and uploads. The application holds one for its lifetime; the usual one keeps sockets and disk in a worker thread
 * (`createWorkerTransferHost`), and tests may give their own.
 */
export interface TransferHost {
  /** Several may run at once. */
  download(task: DownloadTask, listener: DownloadListener): Download;
  /** The same with a file that is sent. */
  upload(task: UploadTask, listener: UploadListener): Upload;
  /** Somebody may want bytes soon: what the first transfer would wait for is done before it. */
  prepare?(): void;
  /** Bytes a second that move at most, in each direction, from now on; undefined for as many as there are. */
  limitRate?(bytesPerSecondMax: number | undefined): void;
  /** Stops what runs, frees the worker. What is begun afterwards has a failed outcome. */
  close(): Promise<void>;
}
