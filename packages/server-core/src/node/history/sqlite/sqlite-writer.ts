import type { Nickname } from '@parley/protocol';
import type { Database } from 'better-sqlite3';
import type { NewRoom, StoreResult } from '../../../history/history-store.ts';
import type { ByteReader } from './byte-reader.ts';
import { type EntryBytes, textOf } from './entry-bytes.ts';
import { Forgetter } from './forgetter.ts';
import { currentText, PackDesk } from './pack-desk.ts';
import {
  type PackedAppend,
  type PackedOperations,
  type UnpackedOperations,
  unpackOperations,
} from './packed-batch.ts';
import type { IndexingLimits } from './sqlite-messages.ts';

/** Where a room stands while a batch is written; brought into the file at the end of it. */
interface RoomPlace {
  readonly id: number;
  topic: string;
  lastSequence: number;
  isChanged: boolean;
}

/** Numbers of users and rooms that are remembered, some megabytes at the most. */
const REMEMBERED_MAX = 20_000;

/** An entry, and by whom it is in which room, as the file counts them. */
interface Append {
  readonly room: RoomPlace;
  readonly user: number;
  readonly bytes: ByteReader;
  readonly entry: EntryBytes;
}

/** Writes batches into an open file, each in one transaction. */
export class SqliteWriter {
  readonly #database: Database;
  readonly #forgetter: Forgetter;
  readonly #rooms = new Map<string, RoomPlace>();
  readonly #users = new Map<string, number>();
  readonly #statements: Statements;
  readonly #packs: PackDesk;

  constructor(database: Database, indexing?: IndexingLimits) {
    this.#database = database;
    this.#packs = new PackDesk(database, indexing);
    this.#forgetter = new Forgetter(database, this.#packs);
    this.#statements = prepareStatements(database);
  }

  /** Writes all or nothing; throws what SQLite throws. */
  write(packed: PackedOperations): StoreResult[] {
    if (this.#rooms.size > REMEMBERED_MAX) this.#rooms.clear();
    if (this.#users.size > REMEMBERED_MAX) this.#users.clear();
    const batch = unpackOperations(packed);
    return this.#inTransaction(() => {
      if (this.#packs.index.isBehind) this.#packs.index.advance();
      this.#lookUp(batch);
      const results = batch.operations.map((operation) => this.#carryOut(operation, batch.bytes));
      this.#packs.flush();
      this.#saveRooms();
      return results;
    });
  }

  /**
   * Work that nobody waits for, a slice of it; says whether there is more. Throws what SQLite throws: what was not done
   * is then part of a later `write`.
   */
  tidyUp(): boolean {
    const { index } = this.#packs;
    if (index.hasSlice) this.#inTransaction(() => index.advance());
    return index.hasSlice;
  }

  #inTransaction<Result>(body: () => Result): Result {
    this.#packs.begin();
    try {
      const result = this.#database.transaction(body).immediate();
      this.#packs.commit();
      return result;
    } catch (error) {
      // What is remembered may be of the batch that is not there now.
      this.#rooms.clear();
      this.#users.clear();
      this.#packs.undo();
      throw error;
    }
  }

  /** Which messages of a batch may have come before, asked for all at once. Whose user or room is new cannot have. */
  #lookUp({ operations, bytes }: UnpackedOperations): void {
    const hashes: number[] = [];
    for (const operation of operations) {
      if (operation.type !== 'append-bytes') continue;
      const room = this.#place(operation.roomKey)?.id;
      const user = this.#findUser(operation.userId);
      if (room === undefined || user === undefined) continue;
      hashes.push(this.#packs.index.sent.hashOf({ bytes }, { room, user, idAt: operation.entry.idAt }));
    }
    this.#packs.index.sent.lookUp(hashes);
  }

  #carryOut(operation: UnpackedOperations['operations'][number], bytes: ByteReader): StoreResult {
    switch (operation.type) {
      case 'create-room':
        return this.#createRoom(operation.room);
      case 'append-bytes':
        return this.#append(operation, bytes);
      case 'mark-read':
        return this.#markRead(operation.roomKey, operation.userId, operation.sequence);
      case 'name-user':
        return this.#nameUser(operation.userId, operation.nickname);
      case 'forget':
        this.#packs.flush();
        this.#saveRooms();
        return { type: 'forgotten', ...this.#forgetter.forget(operation.retention, operation.now) };
      default:
        return operation satisfies never;
    }
  }

  #createRoom({ key, name, kind, topic, epoch, createdAt, users }: NewRoom): StoreResult {
    const { insertRoom, insertParty } = this.#statements;
    const { changes, lastInsertRowid } = insertRoom.run(key, name, kind, topic, epoch, createdAt);
    if (changes === 0) return { type: 'room-exists' };
    for (const [position, { userId, nickname }] of users.entries()) {
      insertParty.run(lastInsertRowid, position, this.#userNumber(userId));
      this.#nameUser(userId, nickname);
    }
    return { type: 'room-created' };
  }

  // CHAT-LOG-1, CHAT-SAY-4
  #append({ roomKey, userId, entry }: PackedAppend, bytes: ByteReader): StoreResult {
    const room = this.#place(roomKey);
    if (room === undefined) return { type: 'refused', reason: 'room-not-found' };
    const user = this.#userNumber(userId);
    const sequence = room.lastSequence + 1;
    const wanted = { ...entry, room: room.id, user, sequence };
    const hash = this.#packs.index.sent.hashOf({ bytes }, wanted);
    const sent = this.#packs.findSent(hash, bytes, wanted);
    if (sent !== undefined) return { type: 'repeated', sequence: sent.sequence, time: sent.time };
    const reason = this.#change({ room, user, bytes, entry });
    if (reason !== undefined) return { type: 'refused', reason };
    this.#packs.add(bytes, wanted, hash);
    if (entry.kind === 'topic') room.topic = textOf(bytes, entry) ?? '';
    room.lastSequence = sequence;
    room.isChanged = true;
    return { type: 'appended', sequence, time: entry.time };
  }

  /** Changes the target of an edit or delete; says why not. */
  // CHAT-EDIT-1
  #change({ room, user, bytes, entry }: Append): 'message-not-found' | 'not-author' | undefined {
    if (entry.kind !== 'edit' && entry.kind !== 'delete') return undefined;
    const found = this.#packs.find(room.id, entry.target);
    const oldText = found === undefined ? undefined : currentText(found);
    if (found?.entry.kind !== 'text' || oldText === undefined) return 'message-not-found';
    if (found.entry.user !== user) return 'not-author';
    this.#statements.keepOldText.run(room.id, entry.target, room.lastSequence + 1, oldText);
    this.#packs.changeText(found, textOf(bytes, entry), entry.time);
    return undefined;
  }

  // CHAT-READ-1
  #markRead(roomKey: string, userId: string, sequence: number): StoreResult {
    const room = this.#place(roomKey);
    if (room === undefined) return { type: 'refused', reason: 'room-not-found' };
    const marker = this.#statements.moveMarker.get(this.#userNumber(userId), room.id, sequence);
    return { type: 'marked', sequence: marker ?? sequence };
  }

  #nameUser(userId: string, nickname: Nickname): StoreResult {
    this.#statements.updateName.run(nickname, this.#userNumber(userId));
    return { type: 'named' };
  }

  #place(key: string): RoomPlace | undefined {
    const known = this.#rooms.get(key);
    if (known !== undefined) return known;
    const found = this.#statements.findRoom.get(key);
    if (found === undefined) return undefined;
    const place = { ...found, isChanged: false };
    this.#rooms.set(key, place);
    return place;
  }

  #userNumber(userId: string): number {
    const known = this.#findUser(userId);
    if (known !== undefined) return known;
    const number = Number(this.#statements.insertUser.run(userId).lastInsertRowid);
    this.#users.set(userId, number);
    return number;
  }

  #findUser(userId: string): number | undefined {
    const known = this.#users.get(userId) ?? this.#statements.findUser.get(userId);
    if (known !== undefined) this.#users.set(userId, known);
    return known;
  }

  #saveRooms(): void {
    for (const room of this.#rooms.values()) {
      if (!room.isChanged) continue;
      this.#statements.updateRoom.run(room.topic, room.lastSequence, room.id);
      room.isChanged = false;
    }
  }
}

type Statements = ReturnType<typeof prepareStatements>;

function prepareStatements(database: Database) {
  return {
    insertRoom: database.prepare<[string, string, string, string, number, number]>(
      'INSERT INTO rooms VALUES (NULL, ?, ?, ?, ?, ?, 1, 0, ?) ON CONFLICT (key) DO NOTHING',
    ),
    insertParty: database.prepare<[number | bigint, number, number]>('INSERT INTO parties VALUES (?, ?, ?)'),
    findRoom: database.prepare<[string], Omit<RoomPlace, 'isChanged'>>(
      'SELECT id, topic, last_sequence AS lastSequence FROM rooms WHERE key = ?',
    ),
    updateRoom: database.prepare<[string, number, number]>(
      'UPDATE rooms SET topic = ?, last_sequence = ? WHERE id = ?',
    ),
    findUser: database.prepare<[string], number>('SELECT id FROM users WHERE user_id = ?').pluck(),
    insertUser: database.prepare<[string]>('INSERT INTO users VALUES (NULL, ?, NULL)'),
    updateName: database.prepare<[string, number]>('UPDATE users SET nickname = ? WHERE id = ?'),
    keepOldText: database.prepare<[number, number, number, string]>(
      'INSERT INTO old_texts VALUES (?, ?, ?, ?)',
    ),
    moveMarker: database
      .prepare<[number, number, number], number>(
        `INSERT INTO read_markers VALUES (?, ?, ?)
         ON CONFLICT (user, room) DO UPDATE SET sequence = max(sequence, excluded.sequence)
         RETURNING sequence`,
      )
      .pluck(),
  };
}
