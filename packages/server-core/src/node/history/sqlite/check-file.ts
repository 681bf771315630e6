import type { Database } from 'better-sqlite3';
import { StoreError } from '../../../history/history-store.ts';
import { CHECKED_BYTES_MAX } from '../../limits.ts';

/**
 * Finds damage before anything is built upon it: SQLite itself meets a damaged page only when it needs that page, perhaps
 * after days in which a history with a hole has grown. Throws `StoreError` or what SQLite throws.
 */
export function checkFile(database: Database): void {
  const count = (pragma: string) => Number(database.pragma(pragma, { simple: true }));
  if (count('page_count') * count('page_size') > CHECKED_BYTES_MAX) return;
  const found = String(database.pragma('quick_check(1)', { simple: true }));
  if (found !== 'ok') throw new StoreError('corrupt', `it is damaged (${found.replaceAll(/\s+/g, ' ')})`);
}
