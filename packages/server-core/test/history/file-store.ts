import { join } from 'node:path';
import Database from 'better-sqlite3';
import { onTestFinished } from 'vitest';
import type { HistoryStore } from '../../src/history/history-store.ts';
import {
  createSqliteHistoryStore,
  type SqliteHistoryOptions,
} from '../../src/node/history/sqlite/sqlite-store.ts';
import { append, createRoom } from './drafts.ts';
import { PretendedThread } from './pretended-thread.ts';
import { makeFolder } from './temporary-folder.ts';

/** The path of a history that is not there yet, in a folder that is not there yet. */
export async function makeFile(): Promise<string> {
  return join(await makeFolder(), 'folder', 'history.sqlite3');
}

/** A store without threads of its own, open unless it cannot be. */
export async function openStore(
  file: string,
  options: Partial<SqliteHistoryOptions> = {},
): Promise<HistoryStore> {
  const startWorker = (data: ConstructorParameters<typeof PretendedThread>[0]) => new PretendedThread(data);
  const store = createSqliteHistoryStore({ file, startWorker, busyTimeoutMs: 0, ...options });
  onTestFinished(() => store.close());
  await store.open();
  return store;
}

/** Makes a history with one message. */
export async function makeHistory(file: string): Promise<void> {
  const store = await openStore(file);
  await store.write([createRoom('lobby'), append({ text: 'first', id: 'first' })]);
  await store.close();
}

/** Changes a file behind the store's back, or asks it what the store does not tell. */
export function withDatabase<Result>(file: string, use: (database: Database.Database) => Result): Result {
  const database = new Database(file);
  try {
    return use(database);
  } finally {
    database.close();
  }
}

/** Copies a history as a program for backups does, while it may be in use. */
export async function makeCopy(file: string): Promise<string> {
  const copy = `${file}.copy`;
  const database = new Database(file, { readonly: true });
  await database.backup(copy);
  database.close();
  return copy;
}
