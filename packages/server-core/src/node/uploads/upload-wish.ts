import type { FileName } from '@parley/protocol';
import type {
  SentFile,
  UploadAnnouncement,
  UploadedFolder,
} from '../../domain/transfers/upload-description.ts';

/** A file, or a folder, that somebody wants to add. */
export interface UploadWish {
  readonly name: FileName;
  readonly size: number;
  readonly chunkRoot: Uint8Array;
  /** When it is one. */
  readonly folder?: UploadedFolder | undefined;
  readonly nickname: string;
  /** `undefined` for guests. */
  readonly account: string | undefined;
  /** Where the user is: only from there an attempt takes the place of an earlier one. */
  readonly device?: string | undefined;
  /** Who may have it, when it is not for the shared folder. */
  readonly sent: SentFile | undefined;
  /** What a room is to read when it is there. */
  readonly announcement?: UploadAnnouncement | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}
