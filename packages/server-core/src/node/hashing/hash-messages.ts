import type { FolderPlace } from '../catalogue/look-up.ts';
import type { FolderContent, FolderWish } from '../transfers/folder-offer.ts';
import type { FileDigests } from './chunk-hasher.ts';

/** What the hashing thread and its owner say to each other. */

/** To the thread. */
export type HashRequest =
  | { readonly type: 'hash'; readonly jobId: number; readonly path: string; readonly size: number }
  | { readonly type: 'cancel'; readonly jobId: number }
  | {
      readonly type: 'read-folder';
      readonly jobId: number;
      readonly place: FolderPlace;
      readonly wish: FolderWish;
    };

/** From the thread: exactly one answer to each `hash` and `read-folder`. */
export type HashAnswer =
  | { readonly type: 'hashed'; readonly jobId: number; readonly digests: FileDigests }
  | { readonly type: 'folder-read'; readonly jobId: number; readonly content: FolderContent | undefined }
  | { readonly type: 'failed'; readonly jobId: number; readonly code: string; readonly problem: string };
