import { randomInt, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Database } from 'better-sqlite3';
import type { ServerLock } from './server-lock.ts';
import type { SqliteDurability } from './sqlite-messages.ts';

/** Name under which the file tells of the run that has it open, or had it last. */
const RUN = 'run';

interface Run {
  readonly id: string;
  /** Whether it has not been closed. */
  readonly isOpen: boolean;
  readonly durability: SqliteDurability;
  /** Which start of the system it was; `null` where the system does not say. */
  readonly boot: string | null;
}

/**
 * Notes that a run begins. All logs get another epoch, so that clients see a gap where there may be one, when entries may
 * be missing whose numbers would be given to others: when the file is a copy that was put into its place, and when the last
 * run let the system write as it likes and the system itself has stopped since.
 */
// CHAT-LOG-1
export function beginRun(database: Database, lock: ServerLock, durability: SqliteDurability): void {
  const run: Run = { id: randomUUID(), isOpen: true, durability, boot: bootId() };
  database
    .transaction(() => {
      const last = readRun(database);
      if (last !== undefined && (last.id !== lock.lastRunId || hasLost(last, run))) renewEpochs(database);
      writeRun(database, run);
    })
    .immediate();
  // An end of the process between the two makes a new epoch for nothing, never the other way round.
  lock.lastRunId = run.id;
}

/** Notes that a run ended in order: what it wrote is on the disk. A copy from before has another id. */
export function endRun(database: Database, lock: ServerLock): void {
  const last = readRun(database);
  if (last === undefined) return;
  const id = randomUUID();
  writeRun(database, { ...last, id, isOpen: false });
  lock.lastRunId = id;
}

function hasLost(last: Run, run: Run): boolean {
  return last.isOpen && last.durability === 'normal' && (last.boot === null || last.boot !== run.boot);
}

function readRun(database: Database): Run | undefined {
  const value = database.prepare('SELECT value FROM about WHERE name = ?').pluck().get(RUN);
  return typeof value === 'string' ? JSON.parse(value) : undefined;
}

function writeRun(database: Database, run: Run): void {
  database.prepare('INSERT OR REPLACE INTO about VALUES (?, ?)').run(RUN, JSON.stringify(run));
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
