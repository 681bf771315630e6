import Database from 'better-sqlite3';

/**
 * Keeps a second server away, which would number its entries as this one does. The lock is on a file beside the history,
 * so that other programs may read and copy the history meanwhile; the system takes it off however the process ends. The
 * file also has the id of the last run, by which a history knows whether it is a copy that was put into its place.
 */
export class ServerLock {
  readonly #database: Database.Database;

  /** Throws SQLITE_BUSY when another server has it. */
  constructor(historyFile: string) {
    this.#database = new Database(`${historyFile}-lock`, { timeout: 0 });
    try {
      this.#database.pragma('locking_mode = EXCLUSIVE');
      this.#database
        .transaction(() =>
          this.#database.exec('CREATE TABLE IF NOT EXISTS last_run (id TEXT NOT NULL) STRICT'),
        )
        .exclusive();
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  /** `undefined` before the first. */
  get lastRunId(): string | undefined {
    return this.#database.prepare<[], string>('SELECT id FROM last_run').pluck().get();
  }

  set lastRunId(id: string) {
    this.#database
      .transaction(() => {
        this.#database.exec('DELETE FROM last_run');
        this.#database.prepare('INSERT INTO last_run VALUES (?)').run(id);
      })
      .exclusive();
  }

  release(): void {
    this.#database.close();
  }
}
