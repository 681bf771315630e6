import type { SentFileEntry } from '@parley/protocol';

/** A file or a folder that somebody has sent to this user. */
export interface SentItem {
  /** By this it is downloaded and discarded; that of a folder ends with a slash. */
  readonly name: string;
  /** Bytes of the file, or of all files of the folder. */
  readonly size: number;
  /** Milliseconds since 1970, by the server's clock. */
  readonly time: number;
  readonly from: string;
  /** How many files a folder has; undefined for a file. */
  readonly files: number | undefined;
}

/** What the server says of it, in the client's terms. */
// CHAT-SEND-4
export function sentItem({ name, size, time, from, files }: SentFileEntry): SentItem {
  return { name: files === undefined ? name : `${name}/`, size, time, from, files };
}
