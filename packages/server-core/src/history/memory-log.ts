import type { LogEntry, Nickname, SearchHit } from '@parley/protocol';
import { RESEND_MS_MIN } from '../domain/limits.ts';
import { fitsSearch } from './fits-search.ts';
import type {
  HistoryPage,
  HistoryQuery,
  NewEntry,
  NewRoom,
  Retention,
  SearchQuery,
  StoredRoom,
  StoreOperation,
  StoreResult,
  UserId,
} from './history-store.ts';
import { KeptEntries } from './kept-entries.ts';

interface KeptRoom {
  readonly room: Omit<StoredRoom, 'topic' | 'firstSequence' | 'lastSequence'>;
  topic: string;
  readonly entries: KeptEntries;
}

/** What an edit or a delete did, and to which text. */
export interface AuditRecord {
  readonly roomKey: string;
  readonly target: number;
  readonly kind: 'edit' | 'delete';
  readonly userId: UserId;
  readonly time: number;
  readonly oldText: string | undefined;
}

/** The logs of rooms in memory, synchronously. Bounded by retention only. */
export class MemoryLog {
  #audit: AuditRecord[] = [];
  #written = 0;
  readonly #hashKey: number;
  readonly #rooms = new Map<string, KeptRoom>();
  /** Of users in conversations. */
  readonly #names = new Map<UserId, Nickname>();
  readonly #markers = new Map<string, number>();

  /** `hashKey` is a number that nobody else can guess, where senders of messages are not to be trusted. */
  constructor(hashKey = 0) {
    this.#hashKey = hashKey;
  }

  rooms(): StoredRoom[] {
    return Array.from(this.#rooms.values(), ({ room, topic, entries }) => ({
      ...room,
      topic,
      firstSequence: entries.firstSequence,
      lastSequence: entries.lastSequence,
      users: room.users.map(({ userId, nickname }) => ({
        userId,
        nickname: this.#names.get(userId) ?? nickname,
      })),
    }));
  }

  /** What edits and deletes did to entries that are kept. */
  get audit(): readonly AuditRecord[] {
    return this.#audit;
  }

  /** How many entries are kept. */
  get entryCount(): number {
    let count = 0;
    for (const { entries } of this.#rooms.values()) count += entries.count;
    return count;
  }

  /** One operation cannot fail half-way, and none of them fails at all. */
  write(operations: readonly StoreOperation[]): StoreResult[] {
    return operations.map((operation) => this.#carryOut(operation));
  }

  read({ roomKey, direction, sequence, limit }: HistoryQuery): HistoryPage {
    const kept = this.#rooms.get(roomKey);
    if (kept === undefined) return { entries: [], firstSequence: 1, lastSequence: 0 };
    const { firstSequence, lastSequence } = kept.entries;
    const isAfter = direction === 'after';
    const end = isAfter
      ? Math.min(lastSequence, Math.max(sequence + 1, firstSequence) + limit - 1)
      : Math.min(lastSequence, sequence - 1);
    const start = isAfter ? Math.max(sequence + 1, firstSequence) : Math.max(firstSequence, end - limit + 1);
    const entries: LogEntry[] = [];
    for (let at = start; at <= end; at += 1) entries.push(kept.entries.at(at));
    return { entries, firstSequence, lastSequence };
  }

  search(query: SearchQuery): SearchHit[] {
    const hits: { readonly order: number; readonly hit: SearchHit }[] = [];
    for (const key of query.roomKeys) {
      const kept = this.#rooms.get(key);
      if (kept === undefined) continue;
      const { name: room, epoch } = kept.room;
      const { entries } = kept;
      for (let sequence = entries.firstSequence; sequence <= entries.lastSequence; sequence += 1) {
        const entry = entries.at(sequence);
        if (!fitsSearch(entry, query)) continue;
        hits.push({ order: entries.orderOf(sequence), hit: { room, epoch, ...entry } });
      }
    }
    hits.sort((left, right) => right.order - left.order);
    return hits.slice(query.offset, query.offset + query.limit).map(({ hit }) => hit);
  }

  readMarkers(userId: UserId, roomKeys: readonly string[]): number[] {
    return roomKeys.map((key) => this.#markers.get(`${userId} ${key}`) ?? 0);
  }

  #carryOut(operation: StoreOperation): StoreResult {
    switch (operation.type) {
      case 'create-room':
        return this.#createRoom(operation.room);
      case 'append':
        return this.#append(operation.entry);
      case 'mark-read': {
        if (!this.#rooms.has(operation.roomKey)) return { type: 'refused', reason: 'room-not-found' };
        const key = `${operation.userId} ${operation.roomKey}`;
        const sequence = Math.max(operation.sequence, this.#markers.get(key) ?? 0);
        this.#markers.set(key, sequence);
        return { type: 'marked', sequence };
      }
      case 'name-user':
        this.#names.set(operation.userId, operation.nickname);
        return { type: 'named' };
      case 'forget':
        return this.#forget(operation.retention, operation.now);
      default:
        return operation satisfies never;
    }
  }

  #createRoom({ createdAt: _, ...room }: NewRoom): StoreResult {
    if (this.#rooms.has(room.key)) return { type: 'room-exists' };
    for (const { userId, nickname } of room.users) this.#names.set(userId, nickname);
    const { topic, ...rest } = room;
    this.#rooms.set(room.key, { room: rest, topic, entries: new KeptEntries(this.#hashKey) });
    return { type: 'room-created' };
  }

  // CHAT-LOG-1, CHAT-SAY-4
  #append(entry: NewEntry): StoreResult {
    const kept = this.#rooms.get(entry.roomKey);
    if (kept === undefined) return { type: 'refused', reason: 'room-not-found' };
    const { entries } = kept;
    const sent = entries.find(entry);
    if (sent !== undefined) return { type: 'repeated', sequence: sent, time: entries.timeOf(sent) };
    const reason = this.#change(kept, entry);
    if (reason !== undefined) return { type: 'refused', reason };
    this.#written += 1;
    entries.append(entry, this.#written);
    if (entry.kind === 'topic') kept.topic = entry.text ?? '';
    return { type: 'appended', sequence: entries.lastSequence, time: entry.time };
  }

  /** Changes the target of an edit or delete; says why not. */
  // CHAT-EDIT-1
  #change(kept: KeptRoom, change: NewEntry): 'message-not-found' | 'not-author' | undefined {
    if (change.kind !== 'edit' && change.kind !== 'delete') return undefined;
    const target = kept.entries.textAt(change.target);
    if (target === undefined) return 'message-not-found';
    if (target.userId !== change.userId) return 'not-author';
    const { roomKey, target: sequence, kind, userId, time } = change;
    this.#audit.push({ roomKey, target: sequence, kind, userId, time, oldText: target.text });
    kept.entries.change(sequence, change.text, time);
    return undefined;
  }

  // CHAT-HISTORY-4
  #forget({ ageMsMax, entriesPerRoomMax }: Retention, now: number): StoreResult {
    const firsts: { roomKey: string; firstSequence: number }[] = [];
    for (const [roomKey, { entries }] of this.#rooms) {
      const { firstSequence, lastSequence } = entries;
      let first = firstSequence;
      const firstByCount = entriesPerRoomMax === undefined ? 1 : lastSequence - entriesPerRoomMax + 1;
      const isOld = (at: number) => ageMsMax !== undefined && entries.timeOf(at) < now - ageMsMax;
      while (first <= lastSequence && (first < firstByCount || isOld(first))) first += 1;
      entries.forgetIdsBefore(now - RESEND_MS_MIN);
      if (first === firstSequence) continue;
      entries.forgetBefore(first);
      firsts.push({ roomKey, firstSequence: first });
    }
    if (firsts.length > 0) this.#audit = this.#audit.filter((one) => this.#keeps(one));
    return { type: 'forgotten', firsts, hasMore: false };
  }

  #keeps({ roomKey, target }: AuditRecord): boolean {
    return target >= (this.#rooms.get(roomKey)?.entries.firstSequence ?? 1);
  }
}
