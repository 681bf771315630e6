/** One file to fetch: what the control connection offered, and where it shall go. */
export interface DownloadRequest {
  /** The id under which the control connection knows the transfer; the host only hands it on to logs. */
  readonly transferId: number;
  /** Host of the server as the user typed it: the one that the control connection reached. */
  readonly host: string;
  readonly udpPort: number;
  /** 32 random bytes, usable once and only for a while. */
  readonly ticket: Uint8Array;
  /** Bytes of the whole file. */
  readonly size: number;
  /** SHA-256 of the whole file, 32 bytes. */
  readonly sha256: Uint8Array;
  /** Where the file goes, final name included. Its folder must exist; the name must not. */
  readonly targetPath: string;
}

/** What a download is doing. */
export type DownloadPhase = 'connecting' | 'receiving' | 'paused' | 'verifying';

/** A snapshot, given at most ten times a second and once when the phase changes. */
export interface DownloadProgress {
  readonly phase: DownloadPhase;
  /** Bytes of the file that have been written to disk, in whatever order they came. */
  readonly receivedBytes: number;
  readonly size: number;
  /** Smoothed over the last seconds; 0 while nothing arrives. */
  readonly bytesPerSecond: number;
}

/** Why a download failed. Whatever the reason, no file is left under the final name and no part file beside it. */
export type DownloadFailureCode =
  /** Something has the final name already; it was not touched. */
  | 'target-exists'
  /** The folder does not exist, is no folder, or may not be written to. */
  | 'target-unwritable'
  | 'disk-full'
  /** Writing, syncing or renaming failed for another reason, which the message names. */
  | 'disk-error'
  /** No answer from the server's UDP port: the server is gone, or UDP is blocked on the way. */
  | 'server-unreachable'
  /** The server did not know the ticket: it has expired or was used. */
  | 'ticket-refused'
  /** The server answered at first and then no more. */
  | 'connection-lost'
  /** The file changed on the server while it was sent. */
  | 'source-changed'
  /** The server could not read the file any more. */
  | 'source-unreadable'
  /** The server ended the transfer: it stops, or somebody there cancelled it. */
  | 'server-cancelled'
  /** The server ended the stream with more or fewer bytes than it had announced. */
  | 'size-mismatch'
  /** All bytes arrived, and they are not the announced ones. */
  | 'hash-mismatch'
  /** The server broke the rules of the transport. */
  | 'protocol-violation'
  /** The thread that moves files died, or the host was closed. */
  | 'host-failed';

/** How a download ended; every download ends with exactly one of these. */
export type DownloadOutcome =
  | {
      readonly kind: 'completed';
      /** The final name. */
      readonly path: string;
      readonly size: number;
      readonly durationMs: number;
    }
  | { readonly kind: 'cancelled' }
  | {
      readonly kind: 'failed';
      readonly code: DownloadFailureCode;
      /** One sentence for a person: what happened and what may help. */
      readonly message: string;
    };

/** One running download. All methods may be called at any time; after the end they do nothing. */
export interface Download {
  readonly request: DownloadRequest;
  /** Never rejects. */
  readonly outcome: Promise<DownloadOutcome>;
  /** Stops granting credit to the server; the connection is kept alive. */
  pause(): void;
  resume(): void;
  /** Ends the transfer and removes what was written; `outcome` becomes `cancelled` unless it is settled. */
  cancel(): void;
}

/**
 * Runs downloads. The application holds one for its lifetime; the usual one keeps sockets and disk in a worker thread
 * (`createWorkerDownloadHost`), and tests may give their own.
 */
export interface DownloadHost {
  /** Several may run at once. `onProgress` is never called after `outcome` settled. */
  download(request: DownloadRequest, onProgress?: (progress: DownloadProgress) => void): Download;
  /** Cancels what runs, frees the worker. `download` afterwards gives a failed outcome. */
  close(): Promise<void>;
}
