import type { FileDigests } from './chunk-hasher.ts';

/** What the hashing thread and its owner say to each other. */

/** To the thread. */
export type HashRequest =
  | {
      readonly type: 'hash';
      readonly jobId: number;
      readonly path: string;
      readonly size: number;
      /** Of a `HashProgress`. */
      readonly progress: SharedArrayBuffer;
    }
  | { readonly type: 'cancel'; readonly jobId: number };

/** From the thread: exactly one answer to each `hash`. */
export type HashAnswer =
  | { readonly type: 'hashed'; readonly jobId: number; readonly digests: FileDigests }
  | { readonly type: 'failed'; readonly jobId: number; readonly code: string; readonly problem: string };
