import type { Nickname } from '@parley/protocol';
import type { Database } from 'better-sqlite3';
import { INDEXED_AT_A_TIME, UNINDEXED_MAX } from '../../limits.ts';
import { indexedWords } from './search-labels.ts';
import type { IndexingLimits } from './sqlite-messages.ts';

/** An entry as the index needs it. */
interface IndexedEntry {
  readonly id: number;
  readonly room: number;
  readonly nickname: Nickname;
  readonly text: string | null;
}

/** Name under which the file tells up to which entry words are in the index. Those after it are searched one by one. */
export const INDEXED = 'indexed';

const DEFAULT_INDEXING: IndexingLimits = {
  entriesAtATime: INDEXED_AT_A_TIME,
  unindexedMax: UNINDEXED_MAX,
};

/**
 * The words of what was said. They are half of what an entry costs, less where many come at a time, and nobody who waits for
 * a message to be durable needs them: so they come later, in the order of the entries.
 */
export class WordIndex {
  readonly #limits: IndexingLimits;
  readonly #statements: Statements;
  /** Id of the last entry that is in the index. */
  #indexed: number;
  /** Id of the last entry. */
  #written: number;
  /** Both as they were before the transaction. */
  #before: { readonly indexed: number; readonly written: number };

  constructor(database: Database, limits: IndexingLimits = DEFAULT_INDEXING) {
    this.#limits = limits;
    this.#statements = prepareStatements(database);
    this.#indexed = this.#statements.findIndexed.get() ?? 0;
    this.#written = Math.max(this.#statements.findWritten.get() ?? 0, this.#indexed);
    this.#before = { indexed: this.#indexed, written: this.#written };
  }

  /** Whether so much is not in the index that a slice of it is worth a transaction. */
  get hasSlice(): boolean {
    return this.#written - this.#indexed >= this.#limits.entriesAtATime;
  }

  /** Whether no more may be written before a slice has gone into the index. */
  get isBehind(): boolean {
    return this.#written - this.#indexed > this.#limits.unindexedMax;
  }

  /** An entry was written. */
  add(id: number): void {
    this.#written = id;
  }

  /** The text of an entry is another one, or none. */
  // CHAT-SEARCH-1
  change({ id, room, nickname, text }: IndexedEntry): void {
    if (id > this.#indexed) return;
    this.#statements.deleteWords.run(id);
    if (text !== null) this.#statements.insertWords.run(id, indexedWords(room, nickname, text));
  }

  /** Puts the next slice into the index; within a transaction. */
  advance(): void {
    const { findUnindexed, insertWords, saveIndexed } = this.#statements;
    const entries = findUnindexed.all(this.#indexed, this.#limits.entriesAtATime);
    for (const { id, room, nickname, text } of entries) {
      if (text !== null) insertWords.run(id, indexedWords(room, nickname, text));
    }
    // Without any they have been forgotten meanwhile.
    this.#indexed = entries.at(-1)?.id ?? this.#written;
    saveIndexed.run(this.#indexed);
  }

  /** A transaction begins. */
  begin(): void {
    this.#before = { indexed: this.#indexed, written: this.#written };
  }

  /** It was undone: the file is as before, and will give the same ids again. */
  undo(): void {
    this.#indexed = this.#before.indexed;
    this.#written = this.#before.written;
  }
}

type Statements = ReturnType<typeof prepareStatements>;

function prepareStatements(database: Database) {
  return {
    findIndexed: database
      .prepare<[], number>(`SELECT CAST(value AS INTEGER) FROM about WHERE name = '${INDEXED}'`)
      .pluck(),
    findWritten: database.prepare<[], number | null>('SELECT max(id) FROM entries').pluck(),
    saveIndexed: database.prepare<[number]>(
      `INSERT OR REPLACE INTO about VALUES ('${INDEXED}', CAST(CAST(? AS INTEGER) AS TEXT))`,
    ),
    findUnindexed: database.prepare<[number, number], IndexedEntry>(
      `SELECT id, room, nickname, iif(kind = 'text', text, NULL) AS text FROM entries
       WHERE id > ? ORDER BY id LIMIT ?`,
    ),
    insertWords: database.prepare<[number, string]>('INSERT INTO entry_words (rowid, words) VALUES (?, ?)'),
    deleteWords: database.prepare<[number]>('DELETE FROM entry_words WHERE rowid = ?'),
  };
}
