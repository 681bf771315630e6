/** What goes with every request for an offer. */
export interface Wish {
  /** Bytes of the file that are where they are to go. */
  readonly receivedBytes: number;
  /** Bytes that have moved for this transfer so far. */
  readonly arrivedBytes: number;
  /** Why the offer before this one did not do, when something went wrong. */
  readonly trouble: TransferTrouble | undefined;
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
