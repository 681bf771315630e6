import { AccountBook } from '../domain/accounts/account-book.ts';
import { StoreError } from '../history/history-store.ts';
import type { AccountChange, AccountStore } from './account-store.ts';

/** Makes a store that lives as long as the process: for tests, and for servers that are to forget. */
export function createMemoryAccountStore(): AccountStore {
  return new MemoryAccountStore();
}

class MemoryAccountStore implements AccountStore {
  readonly isDurable = false;
  readonly #book = new AccountBook([]);
  #isClosed = false;

  async open(): Promise<readonly AccountChange[]> {
    return this.#use().changes();
  }

  async write(changes: readonly AccountChange[]): Promise<void> {
    for (const change of changes) this.#use().apply(change);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
  }

  #use(): AccountBook {
    if (this.#isClosed) throw new StoreError('closed', 'the store is closed');
    return this.#book;
  }
}
