import type { Database } from 'better-sqlite3';
import { INDEXED_AT_A_TIME, UNINDEXED_MAX } from '../../limits.ts';
import { nicknameOf, textOf } from './entry-bytes.ts';
import type { Pack } from './entry-pack.ts';
import type { PackTable } from './pack-table.ts';
import { indexedWords } from './search-labels.ts';
import { SentIds } from './sent-ids.ts';
import type { IndexingLimits } from './sqlite-messages.ts';

/** Name under which the file tells up to which pack words and ids are in the index. Those after it are searched one by one. */
export const INDEXED = 'indexed';

const DEFAULT_INDEXING: IndexingLimits = {
  entriesAtATime: INDEXED_AT_A_TIME,
  unindexedMax: UNINDEXED_MAX,
};

/**
 * What packs are found by: the words of what was said, and the ids of messages. Both cost more than writing the packs, less where
 * many come at a time, and nobody who waits for a message to be durable needs them: so they come later, in the order of the packs.
 */
export class PackIndex {
  readonly sent: SentIds;
  readonly #packs: PackTable;
  readonly #limits: IndexingLimits;
  readonly #statements: Statements;
  #state: IndexState;
  /** As it was before the transaction. */
  #before: IndexState;

  constructor(database: Database, packs: PackTable, limits: IndexingLimits = DEFAULT_INDEXING) {
    this.#packs = packs;
    this.#limits = limits;
    this.#statements = prepareStatements(database);
    const indexed = this.#statements.findIndexed.get() ?? 0;
    this.sent = new SentIds(database, packs, indexed);
    // The last packs may be gone. A number given again, before the first whose ids are remembered, would have its ids forgotten.
    const written = Math.max(packs.lastId, indexed, this.sent.start.pack - 1);
    this.#state = { indexed, written, waiting: packs.countAfter(indexed) };
    this.#before = this.#state;
  }

  /** Id of the last pack. */
  get lastPack(): number {
    return this.#state.written;
  }

  /** Whether so much is not in the index that a slice of it is worth a transaction. */
  get hasSlice(): boolean {
    return this.#state.waiting >= this.#limits.entriesAtATime;
  }

  /** Whether no more may be written before a slice has gone into the index. */
  get isBehind(): boolean {
    return this.#state.waiting > this.#limits.unindexedMax;
  }

  /** A pack was written. */
  add(id: number, count: number): void {
    const { indexed, waiting } = this.#state;
    this.#state = { indexed, written: id, waiting: waiting + count };
  }

  /** What a pack has is something else now; nothing, when it was removed. */
  // CHAT-SEARCH-1
  change(id: number, pack: Pack | undefined): void {
    if (id > this.#state.indexed) {
      if (pack === undefined) this.sent.file(id);
      this.#state = { ...this.#state, waiting: this.#packs.countAfter(this.#state.indexed) };
      return;
    }
    this.#statements.deleteWords.run(id);
    if (pack !== undefined) this.#addWords(id, pack);
  }

  /** Puts the next slice into the index; within a transaction. */
  advance(): void {
    const { entriesAtATime } = this.#limits;
    let { indexed, waiting } = this.#state;
    const packs = this.#packs.idsAfter(indexed, entriesAtATime);
    let taken = 0;
    for (const { id, count } of packs) {
      if (taken >= entriesAtATime) break;
      const pack = this.#packs.load(id);
      if (pack !== undefined) this.#addWords(id, pack);
      this.sent.file(id);
      taken += count;
      indexed = id;
    }
    waiting -= taken;
    // Without any they have been forgotten meanwhile.
    if (packs.length === 0) [indexed, waiting] = [this.#state.written, 0];
    this.#state = { ...this.#state, indexed, waiting };
    this.#statements.saveIndexed.run(indexed);
  }

  /** A transaction begins. */
  begin(): void {
    this.#before = this.#state;
  }

  /** It came to its end. */
  commit(): void {
    this.sent.commit();
  }

  /** It was undone: the file is as before, and will give the same ids again. */
  undo(): void {
    this.#state = this.#before;
    this.sent.undo();
  }

  #addWords(id: number, pack: Pack): void {
    const words = new Set<string>();
    for (const entry of pack.entries) {
      const text = entry.kind === 'text' ? textOf(pack.bytes, entry) : undefined;
      if (text === undefined) continue;
      for (const word of indexedWords(entry.room, nicknameOf(pack.bytes, entry), text)) words.add(word);
    }
    if (words.size > 0) this.#statements.insertWords.run(id, [...words].join(' '));
  }
}

interface IndexState {
  /** Id of the last pack that is in the index. */
  readonly indexed: number;
  /** Id of the last pack. */
  readonly written: number;
  /** Entries between the two. */
  readonly waiting: number;
}

type Statements = ReturnType<typeof prepareStatements>;

function prepareStatements(database: Database) {
  return {
    findIndexed: database
      .prepare<[], number>(`SELECT CAST(value AS INTEGER) FROM about WHERE name = '${INDEXED}'`)
      .pluck(),
    saveIndexed: database.prepare<[number]>(
      `INSERT OR REPLACE INTO about VALUES ('${INDEXED}', CAST(CAST(? AS INTEGER) AS TEXT))`,
    ),
    insertWords: database.prepare<[number, string]>('INSERT INTO entry_words (rowid, words) VALUES (?, ?)'),
    deleteWords: database.prepare<[number]>('DELETE FROM entry_words WHERE rowid = ?'),
  };
}
