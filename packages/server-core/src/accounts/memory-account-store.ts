import { AccountBook } from '../domain/accounts/account-book.ts';
import { StoreError } from '../history/history-store.ts';
import type {
  AccountChange,
  AccountStore,
  AuditQuery,
  NewAuditEntry,
  StoredAuditEntry,
} from './account-store.ts';
import { AuditTrail } from './audit-trail.ts';

/** Makes a store that lives as long as the process: for tests, and for servers that are to forget. */
export function createMemoryAccountStore(): AccountStore {
  return new MemoryAccountStore();
}

class MemoryAccountStore implements AccountStore {
  readonly isDurable = false;
  readonly #book = new AccountBook([]);
  readonly #trail = new AuditTrail();
  #isClosed = false;

  async open(): Promise<readonly AccountChange[]> {
    return this.#use().changes();
  }

  async write(changes: readonly AccountChange[], audited: readonly NewAuditEntry[] = []): Promise<void> {
    const book = this.#use();
    this.#trail.add(this.#trail.number(audited));
    for (const change of changes) book.apply(change);
  }

  async readAudit(query: AuditQuery): Promise<readonly StoredAuditEntry[]> {
    this.#use();
    return this.#trail.read(query);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
  }

  #use(): AccountBook {
    if (this.#isClosed) throw new StoreError('closed', 'the store is closed');
    return this.#book;
  }
}
