import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { StoreError } from '../../../history/history-store.ts';
import { checkFile } from './check-file.ts';
import { beginRun, endRun } from './run-record.ts';
import { bringUpToDate, checkSchema } from './schema.ts';
import { ServerLock } from './server-lock.ts';
import type { SqliteWorkerData } from './sqlite-messages.ts';

/** Pages of the write-ahead log, 16 MiB, after which it is brought into the file: less often is no faster. */
const CHECKPOINT_PAGES = 4_096;
/** Size to which the write-ahead log shrinks after a burst. */
const WAL_BYTES_KEPT = 67_108_864;
/** Memory for pages, in KiB: the ids of a day of messages are looked up at random. */
const CACHE_KIB = 65_536;

/** An open file, and how to close it. */
export interface OpenDatabase {
  readonly database: Database.Database;
  close(): void;
}

/** Opens a history: the writer makes the file, locks it against other servers and brings it up to date. */
export function openDatabase(data: SqliteWorkerData): OpenDatabase {
  return data.role === 'write' ? openToWrite(data) : openToRead(data);
}

function openToRead({ file, busyTimeoutMs }: SqliteWorkerData): OpenDatabase {
  const database = new Database(file, { readonly: true, fileMustExist: true, timeout: busyTimeoutMs });
  database.pragma(`cache_size = -${CACHE_KIB}`);
  return { database, close: () => database.close() };
}

function openToWrite(data: SqliteWorkerData): OpenDatabase {
  const { file, durability, busyTimeoutMs, pagesMax } = data;
  mkdirSync(dirname(file), { recursive: true });
  // What people said is for the server's user alone; files that SQLite adds get the same rights.
  closeSync(openSync(file, 'a', 0o600));
  const lock = new ServerLock(file);
  let database: Database.Database | undefined;
  try {
    database = new Database(file, { fileMustExist: true, timeout: busyTimeoutMs });
    // Nothing is written into the file of another program.
    checkSchema(database);
    // SQLite does not fail where that is not possible, such as on some network disks: it goes on without.
    if (database.pragma('journal_mode = WAL', { simple: true }) !== 'wal')
      throw new StoreError('io', 'its disk cannot hold a write-ahead log');
    database.pragma('synchronous = FULL');
    database.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    database.pragma(`journal_size_limit = ${WAL_BYTES_KEPT}`);
    database.pragma(`cache_size = -${CACHE_KIB}`);
    checkFile(database);
    if (pagesMax !== undefined) database.pragma(`max_page_count = ${pagesMax}`);
    bringUpToDate(database);
    beginRun(database, lock, durability);
    if (durability === 'normal') database.pragma('synchronous = NORMAL');
  } catch (error) {
    database?.close();
    lock.release();
    throw error;
  }
  const open = database;
  const close = () => {
    try {
      open.pragma('synchronous = FULL');
      endRun(open, lock);
    } catch {
      // A full disk, perhaps. Nothing is lost: the next start finds what the end of the process would have left too.
    }
    open.close();
    lock.release();
  };
  return { database, close };
}
