import type { SearchHit } from '@parley/protocol';
import {
  type HistoryPage,
  type HistoryQuery,
  type HistoryStore,
  type SearchQuery,
  type StoredRoom,
  StoreError,
  type StoreOperation,
  type StoreResult,
  type UserId,
} from '../../../history/history-store.ts';
import { packOperations, unpackResults } from './packed-batch.ts';
import type { IndexingLimits, SqliteDurability, SqliteWorkerData } from './sqlite-messages.ts';
import { SqliteThread, startSqliteWorker, type ThreadHandle } from './sqlite-thread.ts';

/** Options of `createSqliteHistoryStore`. */
export interface SqliteHistoryOptions {
  /** Path of the file; it is made when there is none, and its folder too. */
  readonly file: string;
  /** `full` unless given. */
  readonly durability?: SqliteDurability;
  /** How long to wait while another program has the file locked; 5 s unless given. */
  readonly busyTimeoutMs?: number;
  /** Bound of the file, in pages of 4 KiB; beyond it the disk counts as full. */
  readonly pagesMax?: number;
  /** When words go into the index; seldom and many unless given. */
  readonly indexing?: IndexingLimits;
  /** Starts a thread; the default is the worker that comes with this package. */
  readonly startWorker?: (data: SqliteWorkerData) => ThreadHandle;
}

const BUSY_TIMEOUT_MS = 5_000;

/** Makes a store in a file. `open` opens it, and says what to do when it cannot be used. */
export function createSqliteHistoryStore(options: SqliteHistoryOptions): HistoryStore {
  return new SqliteHistoryStore(options);
}

interface Threads {
  readonly writer: SqliteThread;
  readonly reader: SqliteThread;
}

/** One thread writes and another reads, so that a long search keeps nobody's message waiting. */
class SqliteHistoryStore implements HistoryStore {
  readonly isDurable = true;
  readonly #options: SqliteHistoryOptions;
  #threads: Promise<Threads> | undefined;
  #closed: Promise<void> | undefined;

  constructor(options: SqliteHistoryOptions) {
    this.#options = options;
  }

  async open(): Promise<readonly StoredRoom[]> {
    if (this.#closed === undefined) this.#threads ??= this.#start();
    return (await this.#use()).reader.call('rooms', undefined);
  }

  async write(operations: readonly StoreOperation[]): Promise<readonly StoreResult[]> {
    const { writer } = await this.#use();
    return unpackResults(await writer.call('write', packOperations(operations)), operations);
  }

  async read(query: HistoryQuery): Promise<HistoryPage> {
    return (await this.#use()).reader.call('read', query);
  }

  async search(query: SearchQuery): Promise<readonly SearchHit[]> {
    return (await this.#use()).reader.call('search', query);
  }

  async readMarkers(userId: UserId, roomKeys: readonly string[]): Promise<readonly number[]> {
    return (await this.#use()).reader.call('read-markers', { userId, roomKeys });
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  #use(): Promise<Threads> {
    if (this.#closed !== undefined) return Promise.reject(new StoreError('closed', 'the store is closed'));
    return this.#threads ?? Promise.reject(new StoreError('closed', 'the store is not open yet'));
  }

  async #start(): Promise<Threads> {
    const writer = this.#startThread('write');
    let reader: SqliteThread | undefined;
    try {
      await writer.call('open', undefined);
      reader = this.#startThread('read');
      await reader.call('open', undefined);
      return { writer, reader };
    } catch (error) {
      await Promise.all([writer.close(), reader?.close()]);
      throw error;
    }
  }

  #startThread(role: SqliteWorkerData['role']): SqliteThread {
    const { file, durability = 'full', busyTimeoutMs = BUSY_TIMEOUT_MS, pagesMax, indexing } = this.#options;
    const start = this.#options.startWorker ?? startSqliteWorker;
    return new SqliteThread(start({ file, role, durability, busyTimeoutMs, pagesMax, indexing }));
  }

  /** The reader first: the last one to close tidies the file up. */
  async #close(): Promise<void> {
    const threads = await this.#threads?.catch(() => undefined);
    try {
      await threads?.reader.close();
    } finally {
      await threads?.writer.close();
    }
  }
}
