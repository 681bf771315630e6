/** What the stream of an outgoing transfer holds, read piece by piece. */
export interface OutgoingContent {
  /** Bytes of the stream that are none of a file's own. */
  readonly overheadBytes: number;
  /** What `read` can make use of. */
  readonly bufferBytes: number;
  /** Throws `SourceFileError` when there is nothing to send. */
  open(): void;
  /** The next bytes, in `buffer` or elsewhere, or none when others are to have their turn first; `undefined` after the last. Throws `SourceFileError` and `WrongDigestError`. */
  read(buffer: Uint8Array): Uint8Array | undefined;
  /** May be called twice. */
  close(): void;
}
