import type { UploadOffer, WantedUpload } from '../../transfers/upload.ts';

/** What an upload sends: a file, or a folder. Methods throw `TransferError`s. */
export interface UploadContent {
  /** Bytes of all files; undefined until it is known. */
  readonly size: number | undefined;
  /** Whether it can be read again when it has changed meanwhile; a file that changed is another one. */
  readonly isRereadable: boolean;
  /** Reads it through, before the first offer and again after a change. `assertWanted` throws when nobody wants to know any more. */
  prepare(assertWanted: () => void): Promise<void>;
  /** What the server is asked to take; known when it is prepared. */
  readonly announced: Pick<WantedUpload, 'size' | 'chunkRoot' | 'folder'>;
  /** SHA-256 of a file; nothing of a folder. */
  readonly sha256: Uint8Array | undefined;
  /** What of a folder is not sent. */
  readonly leftOut: readonly string[];
  /** Begins to send what the server lacks. */
  begin(offer: UploadOffer): ContentStream;
  /** May be called twice. */
  close(): void;
}

/** The content in one attempt. */
export interface ContentStream {
  /** Bytes of files that the server had at the beginning; undefined until it is known. */
  readonly resumedBytes: number | undefined;
  /** Bytes of files that have moved when so many bytes of the stream have. */
  movedBytes(streamBytes: number): number;
  /** Takes what the server says before it confirms. */
  handleAnswer(bytes: Uint8Array): void;
  /** The bytes of the stream; each piece may be reused when the next one is asked for. Whoever stops early gives it back (`return`). */
  pieces(): AsyncGenerator<Uint8Array, void, undefined>;
}
