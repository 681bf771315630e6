import { randomInt } from 'node:crypto';
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
} from './history-store.ts';
import { MemoryLog } from './memory-log.ts';

/** Makes a store that lives as long as the process: for tests, and for servers that are to forget. */
export function createMemoryHistoryStore(): HistoryStore {
  return new MemoryHistoryStore();
}

/** So many numbers fit into 32 bits. */
const HASH_KEYS = 2 ** 32;

class MemoryHistoryStore implements HistoryStore {
  readonly isDurable = false;
  readonly #log = new MemoryLog(randomInt(HASH_KEYS));
  #isClosed = false;

  async open(): Promise<readonly StoredRoom[]> {
    return this.#use().rooms();
  }

  async write(operations: readonly StoreOperation[]): Promise<readonly StoreResult[]> {
    return this.#use().write(operations);
  }

  async read(query: HistoryQuery): Promise<HistoryPage> {
    return this.#use().read(query);
  }

  async search(query: SearchQuery): Promise<readonly SearchHit[]> {
    return this.#use().search(query);
  }

  async readMarkers(userId: UserId, roomKeys: readonly string[]): Promise<readonly number[]> {
    return this.#use().readMarkers(userId, roomKeys);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
  }

  #use(): MemoryLog {
    if (this.#isClosed) throw new StoreError('closed', 'the store is closed');
    return this.#log;
  }
}
