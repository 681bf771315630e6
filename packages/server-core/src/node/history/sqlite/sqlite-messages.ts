import type { SearchHit } from '@parley/protocol';
import type {
  HistoryPage,
  HistoryQuery,
  SearchQuery,
  StoredRoom,
  StoreErrorCode,
  UserId,
} from '../../../history/history-store.ts';
import type { PackedOperations, PackedResults } from './packed-batch.ts';

/** What survives what. Both survive the end of the process, `kill -9` too. */
export type SqliteDurability =
  /** Every batch waits until the disk has it: nothing that was confirmed is lost when the power fails. */
  | 'full'
  /** The system writes when it likes: a power cut may take the last seconds, and the file stays whole. */
  | 'normal';

/** When the words of entries go into the index. */
export interface IndexingLimits {
  readonly entriesAtATime: number;
  /** Entries that may be without; a write beyond that waits. */
  readonly unindexedMax: number;
}

/** What a thread is told when it starts. */
export interface SqliteWorkerData {
  readonly file: string;
  /** The thread that writes also makes the file and holds its lock; the one that reads never keeps it waiting. */
  readonly role: 'write' | 'read';
  readonly durability: SqliteDurability;
  readonly busyTimeoutMs: number;
  readonly pagesMax: number | undefined;
  readonly indexing?: IndexingLimits | undefined;
}

/** What a thread can be asked for. */
export interface SqliteCalls {
  open: { readonly argument: undefined; readonly result: undefined };
  write: { readonly argument: PackedOperations; readonly result: PackedResults };
  rooms: { readonly argument: undefined; readonly result: readonly StoredRoom[] };
  read: { readonly argument: HistoryQuery; readonly result: HistoryPage };
  search: { readonly argument: SearchQuery; readonly result: readonly SearchHit[] };
  'read-markers': {
    readonly argument: { readonly userId: UserId; readonly roomKeys: readonly string[] };
    readonly result: readonly number[];
  };
  close: { readonly argument: undefined; readonly result: undefined };
}

/** To a thread; it answers in the order of the requests. */
export type SqliteRequest = {
  readonly [Type in keyof SqliteCalls]: {
    readonly requestId: number;
    readonly type: Type;
    readonly argument: SqliteCalls[Type]['argument'];
  };
}[keyof SqliteCalls];

/** From a thread: one answer to each request. */
export type SqliteAnswer =
  | { readonly requestId: number; readonly ok: true; readonly result: unknown }
  | {
      readonly requestId: number;
      readonly ok: false;
      readonly code: StoreErrorCode;
      readonly message: string;
    };
