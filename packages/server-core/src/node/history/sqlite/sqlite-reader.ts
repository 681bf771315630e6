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
import { idOf, nicknameOf, textOf } from './entry-bytes.ts';
import { Pack, type PackedEntry } from './entry-pack.ts';
import { INDEXED } from './pack-index.ts';
import { authorLabel, FILE_LABEL, roomLabel } from './search-labels.ts';

type RoomRow = Omit<StoredRoom, 'users'> & { readonly id: number };
type FoundRoom = Pick<RoomRow, 'id' | 'name' | 'epoch' | 'firstSequence' | 'lastSequence'>;

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
    return this.#database.transaction(() => {
      const room = this.#statements.findRoom.get(roomKey);
      if (room === undefined) return { entries: [], firstSequence: 1, lastSequence: 0 };
      const { firstSequence, lastSequence } = room;
      const entries =
        direction === 'after'
          ? this.#readAfter(room, sequence, limit)
          : this.#readBefore(room, Math.min(sequence, lastSequence + 1), limit);
      return { entries, firstSequence, lastSequence };
    })();
  }

  #readAfter(room: FoundRoom, sequence: number, limit: number): LogEntry[] {
    const entries: LogEntry[] = [];
    const rooms = new Set([room.id]);
    for (const content of this.#statements.packsAfter.iterate(room.id, sequence)) {
      const pack = new Pack(content, rooms);
      for (const entry of pack.entries) {
        if (entry.sequence > sequence && isIn(room, entry)) entries.push(toLogEntry(pack, entry));
        if (entries.length === limit) return entries;
      }
    }
    return entries;
  }

  #readBefore(room: FoundRoom, sequence: number, limit: number): LogEntry[] {
    const entries: LogEntry[] = [];
    const { findLast, packsUpTo } = this.#statements;
    const last = findLast.get(room.id, sequence - 1);
    if (last === undefined) return entries;
    const rooms = new Set([room.id]);
    for (const content of packsUpTo.iterate(room.id, last)) {
      const pack = new Pack(content, rooms);
      for (const entry of pack.entries.toReversed()) {
        if (entry.sequence < sequence && isIn(room, entry)) entries.push(toLogEntry(pack, entry));
        if (entries.length === limit) return entries.reverse();
      }
    }
    return entries.reverse();
  }

  // CHAT-SEARCH-1
  search(query: SearchQuery): SearchHit[] {
    return this.#database.transaction(() => {
      const rooms = new Map<number, FoundRoom>();
      for (const key of query.roomKeys) {
        const room = this.#statements.findRoom.get(key);
        if (room !== undefined) rooms.set(room.id, room);
      }
      const words = query.words.flatMap((word) => wordsOf(word));
      const hits: SearchHit[] = [];
      let skipped = 0;
      if (rooms.size === 0) return hits;
      for (const pack of this.#packsFor(query, words, rooms)) {
        for (const entry of pack.entries.toReversed()) {
          const room = rooms.get(entry.room);
          if (room === undefined || !isIn(room, entry) || entry.kind !== 'text') continue;
          if (words.length > 0 && entry.isPlain && !hasAll(textOf(pack.bytes, entry) ?? '', words)) continue;
          const found = toLogEntry(pack, entry);
          if (!fitsSearch(found, query)) continue;
          skipped += 1;
          if (skipped <= query.offset) continue;
          hits.push({ room: room.name, epoch: room.epoch, ...found });
          if (hits.length === query.limit) return hits;
        }
      }
      return hits;
    })();
  }

  /** Packs that may have what is looked for, the newest first: those that are not in the index yet, then what that finds. */
  *#packsFor(
    query: SearchQuery,
    words: readonly string[],
    rooms: ReadonlyMap<number, FoundRoom>,
  ): Generator<Pack> {
    const after = query.after ?? Number.MIN_SAFE_INTEGER;
    const before = query.before ?? Number.MAX_SAFE_INTEGER;
    for (const { content, plain } of this.#statements.unindexedPacks.iterate({ after, before })) {
      if (plain === 0 || words.length === 0 || hasAll(content.toString('latin1'), words))
        yield new Pack(content, rooms);
    }
    const match = matchFor(query, words, [...rooms.keys()]);
    for (const content of this.#statements.indexedPacks.iterate({ match, after, before }))
      yield new Pack(content, rooms);
  }

  readMarkers(userId: UserId, roomKeys: readonly string[]): number[] {
    const { findMarker } = this.#statements;
    return this.#database.transaction(() => roomKeys.map((key) => findMarker.get(userId, key) ?? 0))();
  }
}

/** A query of FTS5: all words and labels, and one of the rooms. None of them has a quotation mark. */
function matchFor(
  { from, hasFile }: SearchQuery,
  words: readonly string[],
  rooms: readonly number[],
): string {
  const wanted = [...words];
  if (from !== undefined) wanted.push(authorLabel(from));
  if (hasFile) wanted.push(FILE_LABEL);
  const inRooms = rooms.map((room) => `"${roomLabel(room)}"`).join(' OR ');
  return [...wanted.map((word) => `"${word}"`), `(${inRooms})`].join(' AND ');
}

/** Whether all words are somewhere in what is ASCII: a look at it takes much less than cutting it into words. */
function hasAll(ascii: string, words: readonly string[]): boolean {
  const folded = ascii.toLowerCase();
  return words.every((word) => folded.includes(word));
}

function isIn({ id, firstSequence }: FoundRoom, { room, sequence, isGone }: PackedEntry): boolean {
  return room === id && sequence >= firstSequence && !isGone;
}

function toLogEntry({ bytes }: Pack, entry: PackedEntry): LogEntry {
  const { sequence, time, kind, target, editedAt } = entry;
  const from = nicknameOf(bytes, entry);
  // A copy without the buffer around it, which another thread would get too.
  const clientMessageId = new Uint8Array(idOf(bytes, entry));
  return {
    sequence,
    time,
    from,
    kind,
    target,
    editedAt,
    text: textOf(bytes, entry),
    clientMessageId,
  } as LogEntry;
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
    findRoom: database.prepare<[string], FoundRoom>(
      `SELECT id, name, epoch, first_sequence AS firstSequence, last_sequence AS lastSequence
       FROM rooms WHERE key = ?`,
    ),
    packsAfter: database
      .prepare<[number, number], Buffer>(
        `SELECT content FROM places CROSS JOIN packs ON packs.id = places.pack
         WHERE room = ? AND last_sequence > ? ORDER BY last_sequence`,
      )
      .pluck(),
    findLast: database
      .prepare<[number, number], number>(
        'SELECT last_sequence FROM places WHERE room = ? AND last_sequence >= ? ORDER BY last_sequence LIMIT 1',
      )
      .pluck(),
    packsUpTo: database
      .prepare<[number, number], Buffer>(
        `SELECT content FROM places CROSS JOIN packs ON packs.id = places.pack
         WHERE room = ? AND last_sequence <= ? ORDER BY last_sequence DESC`,
      )
      .pluck(),
    // The index gives ids from the newest on, so that a search for a frequent word ends with the page that was asked for.
    indexedPacks: database
      .prepare<[{ match: string; after: number; before: number }], Buffer>(
        `SELECT content FROM entry_words CROSS JOIN packs ON packs.id = entry_words.rowid
         WHERE entry_words MATCH @match AND latest >= @after AND earliest < @before
         ORDER BY entry_words.rowid DESC`,
      )
      .pluck(),
    unindexedPacks: database.prepare<
      [{ after: number; before: number }],
      { readonly plain: number; readonly content: Buffer }
    >(
      `SELECT plain, content FROM packs
       WHERE id > (SELECT CAST(value AS INTEGER) FROM about WHERE name = '${INDEXED}')
         AND latest >= @after AND earliest < @before
       ORDER BY id DESC`,
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
