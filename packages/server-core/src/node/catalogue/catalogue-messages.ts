import type { SharedFile } from '@parley/folders';
import type { FilePath } from '@parley/protocol';
import type { FilePage, FileView } from './file-catalogue.ts';
import type { FolderContent, FolderWish } from './folder-content.ts';
import type { FolderPlace } from './look-up.ts';

/** What the thread of the catalogue and its owner say to each other. */

/** Something that is asked. */
export type CatalogueQuestion =
  | {
      readonly type: 'list';
      readonly cursor: string | undefined;
      readonly limit: number;
      readonly view: FileView;
    }
  | { readonly type: 'find'; readonly path: FilePath }
  | { readonly type: 'is-folder'; readonly path: FilePath }
  | { readonly type: 'read-folder'; readonly place: FolderPlace; readonly wish: FolderWish }
  /** Answered after the first look; `files-changed` follows changes from then on. */
  | { readonly type: 'watch' };

/** What is answered to each. */
export interface CatalogueAnswers {
  readonly list: FilePage;
  readonly find: SharedFile | undefined;
  readonly 'is-folder': boolean;
  readonly 'read-folder': FolderContent | undefined;
  readonly watch: undefined;
}

/** To the thread. */
export type CatalogueRequest =
  | { readonly type: 'ask'; readonly jobId: number; readonly question: CatalogueQuestion }
  | { readonly type: 'stop-watching' }
  | { readonly type: 'note-digests' };

/** From the thread: exactly one answer to each `ask`. */
export type CatalogueMessage =
  | {
      readonly type: 'answered';
      readonly jobId: number;
      readonly answer: CatalogueAnswers[keyof CatalogueAnswers];
    }
  /** `code` is that of a `CatalogueError`. */
  | { readonly type: 'failed'; readonly jobId: number; readonly code: string; readonly problem: string }
  | { readonly type: 'files-changed' };
