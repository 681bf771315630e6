/** What an upload becomes on the disk. Methods throw `UploadError`s. */
export interface IncomingContent {
  /** Bytes of files that are here and right; those of a file that is coming may be counted already. */
  readonly verifiedBytes: number;
  /** There is a connection; `answer` sends bytes to the client. While a promise is open nothing should come. */
  begin?(answer: (bytes: Uint8Array) => void): Promise<void> | undefined;
  /** Takes the next bytes of the stream; while a promise is open nothing more should come. */
  take(bytes: Uint8Array): Promise<void> | undefined;
  /** The stream has ended: gives what came its name when it is whole and durable. */
  publish(): Promise<void> | undefined;
  /** Leaves what is here to another attempt; may be called twice. */
  keep(): Promise<void> | undefined;
  /** Removes what is here under a passing name; may be called twice. */
  discard(): Promise<void> | undefined;
}
