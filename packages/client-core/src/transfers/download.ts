import type { ByteRange, Sha256 } from '@parley/protocol';
import type { RunningTransfer, TransferProgress, Wish } from './running-transfer.ts';

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

/** What a download tells. Nothing is told after its outcome. */
export interface DownloadListener {
  readonly onProgress: (progress: TransferProgress) => void;
  /** An offer is needed: `take` it. Told at the beginning, and whenever an offer did not give everything. */
  readonly onWanted: (wanted: WantedBytes) => void;
}

/** One running download. */
export type Download = RunningTransfer<DownloadTask, DownloadOffer>;
