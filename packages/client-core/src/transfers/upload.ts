import type { RunningTransfer, TransferProgress, Wish } from './running-transfer.ts';

/** One file, or a folder, to send. */
export interface UploadTask {
  /** Absolute path of a regular file or of a folder. */
  readonly sourcePath: string;
  /** Of a folder: what it is called at the server. */
  readonly folderName?: string | undefined;
}

/** What the control connection offered: the way for bytes that are to be sent. */
export interface UploadOffer {
  /** The id under which the control connection knows the transfer; the host only hands it on to logs. */
  readonly transferId: number;
  /** Host of the server: the one that the control connection reached. */
  readonly host: string;
  readonly udpPort: number;
  /** Port of the control connection: transfers over TLS go there. */
  readonly tcpPort: number;
  /** 32 random bytes, usable once and only for a while. */
  readonly ticket: Uint8Array;
  /** The server has the bytes before this one. */
  readonly start: number;
}

/** What an upload wants to send, for the next request to the server. */
export interface WantedUpload extends Wish {
  /** Bytes of the file, or of all files of the folder. */
  readonly size: number;
  /** Stands for the digests of its chunks, 32 bytes; of a folder, SHA-256 of its list. */
  readonly chunkRoot: Uint8Array;
  /** SHA-256 of the whole file, 32 bytes; nothing of a folder. */
  readonly sha256: Uint8Array | undefined;
  /** What of a folder is not sent; nothing of a file. */
  readonly leftOut: readonly string[];
  /** Milliseconds since the upload began. */
  readonly elapsedMs: number;
  /** When it is one. */
  readonly folder?:
    | {
        readonly files: number;
        /** Files and folders. */
        readonly entries: number;
        /** Bytes of the largest file. */
        readonly largest: number;
        /** Of its list. */
        readonly manifestBytes: number;
      }
    | undefined;
}

/** What an upload tells. Nothing is told after its outcome. */
export interface UploadListener {
  readonly onProgress: (progress: TransferProgress) => void;
  /** An offer is needed: `take` it. Told when the file was read, and whenever an offer did not suffice. */
  readonly onWanted: (wanted: WantedUpload) => void;
}

/** One running upload. It is completed when the server has said that the whole file is there, verified and durable. */
export type Upload = RunningTransfer<UploadTask, UploadOffer>;
