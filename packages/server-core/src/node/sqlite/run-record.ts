import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import type { SqliteDurability } from './sqlite-messages.ts';

/** Name under which the file tells of the run that has it open, or ended without closing it. */
const RUN = 'run';

interface Run {
  readonly durability: SqliteDurability;
  /** Which start of the system it was; `null` where the system does not say. */
  readonly boot: string | null;
}

/**
 * Notes that a run begins. When the last one let the system write as it likes and the system itself has stopped since,
 * entries may be lost that clients have seen, and their numbers would be given to others: then all logs get another epoch,
 * and clients see a gap where there may be one.
 */
// CHAT-LOG-1
export function beginRun(database: Database, durability: SqliteDurability): void {
  const run: Run = { durability, boot: bootId() };
  database
    .transaction(() => {
      const last = readRun(database);
      if (last?.durability === 'normal' && (last.boot === null || last.boot !== run.boot))
        renewEpochs(database);
      database.prepare('INSERT OR REPLACE INTO about VALUES (?, ?)').run(RUN, JSON.stringify(run));
    })
    .immediate();
}

/** Notes that a run ended in order: what it wrote is on the disk. */
export function endRun(database: Database): void {
  database.prepare('DELETE FROM about WHERE name = ?').run(RUN);
  database.pragma('wal_checkpoint(TRUNCATE)');
}

function readRun(database: Database): Run | undefined {
  const value = database.prepare('SELECT value FROM about WHERE name = ?').pluck().get(RUN);
  return typeof value === 'string' ? JSON.parse(value) : undefined;
}

function renewEpochs(database: Database): void {
  database.prepare('UPDATE rooms SET epoch = ?').run(randomInt(1, 2 ** 48 - 1));
}

function bootId(): string | null {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return null;
  }
}
