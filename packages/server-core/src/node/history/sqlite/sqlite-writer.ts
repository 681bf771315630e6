import type { Nickname } from '@parley/protocol';
import type { Database } from 'better-sqlite3';
import { invariant } from '../../../domain/errors.ts';
import type {
  NewEntry,
  NewRoom,
  StoreOperation,
  StoreResult,
  UserId,
} from '../../../history/history-store.ts';
import { Forgetter } from './forgetter.ts';
import type { IndexingLimits } from './sqlite-messages.ts';
import { WordIndex } from './word-index.ts';

/** Where a room stands while a batch is written; brought into the file at the end of it. */
interface RoomPlace {
  readonly id: number;
  topic: string;
  lastSequence: number;
  isChanged: boolean;
}

interface Target {
  readonly id: number;
  readonly user: number;
  readonly nickname: Nickname;
  readonly kind: string;
  readonly text: string | null;
}

interface Sent {
  readonly sequence: number;
  readonly time: number;
}

/** Numbers of users and rooms that are remembered, some megabytes at the most. */
const REMEMBERED_MAX = 20_000;

/** Writes batches into an open file, each in one transaction. */
export class SqliteWriter {
  readonly #database: Database;
  readonly #forgetter: Forgetter;
  readonly #rooms = new Map<string, RoomPlace>();
  readonly #users = new Map<string, number>();
  readonly #statements: Statements;
  readonly #index: WordIndex;

  constructor(database: Database, indexing?: IndexingLimits) {
    this.#database = database;
    this.#forgetter = new Forgetter(database);
    this.#index = new WordIndex(database, indexing);
    this.#statements = prepareStatements(database);
  }

  /** Writes all or nothing; throws what SQLite throws. */
  write(operations: readonly StoreOperation[]): StoreResult[] {
    if (this.#rooms.size > REMEMBERED_MAX) this.#rooms.clear();
    if (this.#users.size > REMEMBERED_MAX) this.#users.clear();
    return this.#inTransaction(() => {
      if (this.#index.isBehind) this.#index.advance();
      const results = operations.map((operation) => this.#carryOut(operation));
      this.#saveRooms();
      return results;
    });
  }

  /**
   * Work that nobody waits for, a slice of it; says whether there is more. Throws what SQLite throws: what was not done
   * is then part of a later `write`.
   */
  tidyUp(): boolean {
    if (this.#index.hasSlice) this.#inTransaction(() => this.#index.advance());
    return this.#index.hasSlice;
  }

  #inTransaction<Result>(body: () => Result): Result {
    this.#index.begin();
    try {
      return this.#database.transaction(body).immediate();
    } catch (error) {
      // What is remembered may be of the batch that is not there now.
      this.#rooms.clear();
      this.#users.clear();
      this.#index.undo();
      throw error;
    }
  }

  #carryOut(operation: StoreOperation): StoreResult {
    switch (operation.type) {
      case 'create-room':
        return this.#createRoom(operation.room);
      case 'append':
        return this.#append(operation.entry);
      case 'mark-read':
        return this.#markRead(operation.roomKey, operation.userId, operation.sequence);
      case 'name-user':
        return this.#nameUser(operation.userId, operation.nickname);
      case 'forget':
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
  #append(entry: NewEntry): StoreResult {
    const { insertEntry, insertSent } = this.#statements;
    const room = this.#place(entry.roomKey);
    if (room === undefined) return { type: 'refused', reason: 'room-not-found' };
    const user = this.#userNumber(entry.userId);
    const { from, kind, target, text = null, clientMessageId, time } = entry;
    const sequence = room.lastSequence + 1;
    if (isChange(entry)) {
      const sent = this.#findSent(clientMessageId, user, room);
      if (sent !== undefined) return sent;
      const reason = this.#change(room, user, sequence, entry);
      if (reason !== undefined) return { type: 'refused', reason };
    }
    // Nearly always it is new: to write it and see costs one statement less than to look first.
    const { changes } = insertSent.run(clientMessageId, user, room.id, sequence, time);
    if (changes === 0) {
      const sent = this.#findSent(clientMessageId, user, room);
      invariant(sent !== undefined, 'what was sent before has a place');
      return sent;
    }
    const row = [room.id, sequence, time, user, from, kind, target, text, clientMessageId] as const;
    const id = Number(insertEntry.run(...row).lastInsertRowid);
    this.#index.add(id);
    if (kind === 'topic') room.topic = text ?? '';
    room.lastSequence = sequence;
    room.isChanged = true;
    return { type: 'appended', sequence, time };
  }

  /** What became of the same message when it came before. */
  #findSent(clientMessageId: Uint8Array, user: number, room: RoomPlace): StoreResult | undefined {
    const sent = this.#statements.findSent.get(clientMessageId, user, room.id);
    return sent === undefined ? undefined : { type: 'repeated', sequence: sent.sequence, time: sent.time };
  }

  /** Changes the target of an edit or delete; says why not. */
  // CHAT-EDIT-1
  #change(
    room: RoomPlace,
    user: number,
    sequence: number,
    change: NewEntry,
  ): 'message-not-found' | 'not-author' | undefined {
    const { findTarget, updateText, keepOldText } = this.#statements;
    const target = findTarget.get(room.id, change.target);
    if (target?.kind !== 'text' || target.text === null) return 'message-not-found';
    if (target.user !== user) return 'not-author';
    keepOldText.run(room.id, change.target, sequence, target.text);
    updateText.run(change.text ?? null, change.time, target.id);
    this.#index.change({ ...target, room: room.id, text: change.text ?? null });
    return undefined;
  }

  // CHAT-READ-1
  #markRead(roomKey: string, userId: UserId, sequence: number): StoreResult {
    const room = this.#place(roomKey);
    if (room === undefined) return { type: 'refused', reason: 'room-not-found' };
    const marker = this.#statements.moveMarker.get(this.#userNumber(userId), room.id, sequence);
    return { type: 'marked', sequence: marker ?? sequence };
  }

  #nameUser(userId: UserId, nickname: Nickname): StoreResult {
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

  #userNumber(userId: UserId): number {
    const known = this.#users.get(userId);
    if (known !== undefined) return known;
    const { findUser, insertUser } = this.#statements;
    const number = findUser.get(userId) ?? Number(insertUser.run(userId).lastInsertRowid);
    this.#users.set(userId, number);
    return number;
  }

  #saveRooms(): void {
    for (const room of this.#rooms.values()) {
      if (!room.isChanged) continue;
      this.#statements.updateRoom.run(room.topic, room.lastSequence, room.id);
      room.isChanged = false;
    }
  }
}

function isChange({ kind }: NewEntry): boolean {
  return kind === 'edit' || kind === 'delete';
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
    findSent: database.prepare<[Uint8Array, number, number], Sent>(
      'SELECT sequence, time FROM sent WHERE client_message_id = ? AND user = ? AND room = ?',
    ),
    insertSent: database.prepare<[Uint8Array, number, number, number, number]>(
      'INSERT INTO sent VALUES (NULL, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    ),
    insertEntry: database.prepare<EntryRow>(
      'INSERT INTO entries VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, NULL, ?, ?)',
    ),
    findTarget: database.prepare<[number, number], Target>(
      'SELECT id, user, nickname, kind, text FROM entries WHERE room = ? AND sequence = ?',
    ),
    updateText: database.prepare<[string | null, number, number]>(
      'UPDATE entries SET text = ?, edited_at = ? WHERE id = ?',
    ),
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

/** Room, sequence, time, user, nickname, kind, target, text, client message id. */
type EntryRow = [number, number, number, number, string, string, number, string | null, Uint8Array];
