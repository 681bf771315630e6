import type { LogEntry, SearchHit } from '@parley/protocol';
import type { Database } from 'better-sqlite3';
import { fitsSearch } from '../../../history/fits-search.ts';
import type {
  HistoryPage,
  HistoryQuery,
  SearchQuery,
  StoredRoom,
  UserId,
} from '../../../history/history-store.ts';
import { wordsOf } from '../../../history/words.ts';
import { authorLabel, FILE_LABEL, roomLabel } from './search-labels.ts';
import { INDEXED } from './word-index.ts';

type Row<Shape> = { readonly [Name in keyof Shape]: Exclude<Shape[Name], undefined> | null };
type EntryRow = Row<LogEntry>;
type HitRow = Row<SearchHit>;
type RoomRow = Omit<StoredRoom, 'users'> & { readonly id: number };

const ENTRY_COLUMNS = `
  sequence, time, nickname AS "from", entries.kind, target, edited_at AS editedAt, text,
  client_message_id AS clientMessageId`;

/** Reads an open file. Each question is answered from one moment, whatever is written meanwhile. */
export class SqliteReader {
  readonly #database: Database;
  readonly #statements: Statements;

  constructor(database: Database) {
    this.#database = database;
    this.#statements = prepareStatements(database);
  }

  rooms(): StoredRoom[] {
    const { allRooms, allParties } = this.#statements;
    return this.#database.transaction(() => {
      const users = new Map<number, StoredRoom['users'][number][]>();
      for (const { room, userId, nickname } of allParties.iterate()) {
        const parties = users.get(room) ?? [];
        parties.push({ userId, nickname });
        users.set(room, parties);
      }
      return allRooms.all().map(({ id, ...room }) => ({ ...room, users: users.get(id) ?? [] }));
    })();
  }

  // CHAT-HISTORY-1
  read({ roomKey, direction, sequence, limit }: HistoryQuery): HistoryPage {
    const { findRoom, entriesAfter, entriesBefore } = this.#statements;
    return this.#database.transaction(() => {
      const room = findRoom.get(roomKey);
      if (room === undefined) return { entries: [], firstSequence: 1, lastSequence: 0 };
      const { id, firstSequence, lastSequence } = room;
      const statement = direction === 'after' ? entriesAfter : entriesBefore;
      const rows = statement.all(id, sequence, limit);
      if (direction === 'before') rows.reverse();
      return { entries: rows.map((row) => toEntry(row)), firstSequence, lastSequence };
    })();
  }

  // CHAT-SEARCH-1
  search(query: SearchQuery): SearchHit[] {
    const { findRoom, searchEntries } = this.#statements;
    return this.#database.transaction(() => {
      const rooms = query.roomKeys.map((key) => findRoom.get(key)?.id).filter((id) => id !== undefined);
      if (rooms.length === 0) return [];
      const { limit, offset } = query;
      const after = query.after ?? Number.MIN_SAFE_INTEGER;
      const before = query.before ?? Number.MAX_SAFE_INTEGER;
      const newest = this.#searchUnindexed(query, after, before);
      const page = newest.slice(offset, offset + limit);
      const older = { limit: limit - page.length, offset: Math.max(0, offset - newest.length) };
      const rows = searchEntries.all({ match: matchFor(query, rooms), after, before, ...older });
      return [...page, ...rows.map(toHit)];
    })();
  }

  /** The hits among entries whose words are not in the index yet. */
  #searchUnindexed(query: SearchQuery, after: number, before: number): SearchHit[] {
    const hits: SearchHit[] = [];
    const keys = JSON.stringify(query.roomKeys);
    for (const row of this.#statements.unindexedEntries.iterate({ keys, after, before })) {
      const hit = toHit(row);
      if (fitsSearch(hit, query)) hits.push(hit);
    }
    return hits;
  }

  readMarkers(userId: UserId, roomKeys: readonly string[]): number[] {
    const { findMarker } = this.#statements;
    return this.#database.transaction(() => roomKeys.map((key) => findMarker.get(userId, key) ?? 0))();
  }
}

/** A query of FTS5: all words and labels, and one of the rooms. None of them has a quotation mark. */
function matchFor({ words, from, hasFile }: SearchQuery, rooms: readonly number[]): string {
  const wanted = words.flatMap((word) => wordsOf(word));
  if (from !== undefined) wanted.push(authorLabel(from));
  if (hasFile) wanted.push(FILE_LABEL);
  const inRooms = rooms.map((room) => `"${roomLabel(room)}"`).join(' OR ');
  return [...wanted.map((word) => `"${word}"`), `(${inRooms})`].join(' AND ');
}

function toEntry(row: EntryRow): LogEntry {
  const { sequence, time, from, kind, target, editedAt, text, clientMessageId } = row;
  return {
    sequence,
    time,
    from,
    kind,
    target,
    editedAt: editedAt ?? undefined,
    text: text ?? undefined,
    // A copy without the buffer around it, which another thread would get too.
    clientMessageId: new Uint8Array(clientMessageId as Uint8Array),
  } as LogEntry;
}

function toHit(row: HitRow): SearchHit {
  return { room: row.room as SearchHit['room'], epoch: row.epoch as number, ...toEntry(row) };
}

type Statements = ReturnType<typeof prepareStatements>;

function prepareStatements(database: Database) {
  return {
    allRooms: database.prepare<[], RoomRow>(
      `SELECT id, key, name, kind, topic, epoch, first_sequence AS firstSequence, last_sequence AS lastSequence
       FROM rooms ORDER BY id`,
    ),
    allParties: database.prepare<[], { room: number } & StoredRoom['users'][number]>(
      `SELECT room, user_id AS userId, users.nickname FROM parties JOIN users ON users.id = parties.user
       ORDER BY room, position`,
    ),
    findRoom: database.prepare<[string], { id: number; firstSequence: number; lastSequence: number }>(
      'SELECT id, first_sequence AS firstSequence, last_sequence AS lastSequence FROM rooms WHERE key = ?',
    ),
    entriesAfter: database.prepare<[number, number, number], EntryRow>(
      `SELECT ${ENTRY_COLUMNS} FROM entries WHERE room = ? AND sequence > ? ORDER BY sequence LIMIT ?`,
    ),
    entriesBefore: database.prepare<[number, number, number], EntryRow>(
      `SELECT ${ENTRY_COLUMNS} FROM entries WHERE room = ? AND sequence < ? ORDER BY sequence DESC LIMIT ?`,
    ),
    // The index gives ids from the newest on, so that a search for a frequent word ends with the page that was asked for.
    searchEntries: database.prepare<
      [{ match: string; after: number; before: number; limit: number; offset: number }],
      HitRow
    >(
      `SELECT rooms.name AS room, rooms.epoch, ${ENTRY_COLUMNS}
       FROM entry_words
       CROSS JOIN entries ON entries.id = entry_words.rowid
       CROSS JOIN rooms ON rooms.id = entries.room
       WHERE entry_words MATCH @match AND time >= @after AND time < @before
       ORDER BY entry_words.rowid DESC LIMIT @limit OFFSET @offset`,
    ),
    unindexedEntries: database.prepare<[{ keys: string; after: number; before: number }], HitRow>(
      `SELECT rooms.name AS room, rooms.epoch, ${ENTRY_COLUMNS}
       FROM entries
       CROSS JOIN rooms ON rooms.id = entries.room
       WHERE entries.id > (SELECT CAST(value AS INTEGER) FROM about WHERE about.name = '${INDEXED}')
         AND entries.kind = 'text' AND text IS NOT NULL AND time >= @after AND time < @before
         AND rooms.key IN (SELECT value FROM json_each(@keys))
       ORDER BY entries.id DESC`,
    ),
    findMarker: database
      .prepare<[string, string], number>(
        `SELECT sequence FROM read_markers
         JOIN users ON users.id = read_markers.user JOIN rooms ON rooms.id = read_markers.room
         WHERE users.user_id = ? AND rooms.key = ?`,
      )
      .pluck(),
  };
}
