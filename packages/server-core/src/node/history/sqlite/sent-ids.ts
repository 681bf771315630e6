import type { Database } from 'better-sqlite3';
import type { ByteReader } from './byte-reader.ts';
import { type EntryBytes, isSameId } from './entry-bytes.ts';
import { PACK_ENTRIES_MAX, type Pack, type PackedEntry } from './entry-pack.ts';
import type { PackTable } from './pack-table.ts';

/** Names under which the file tells from which entry on ids are remembered, and a number that senders cannot guess. */
const SENT_FROM = 'sent-from';
export const SENT_KEY = 'sent-key';

/** Where an entry lies. */
export interface PackPosition {
  readonly pack: number;
  readonly index: number;
}

/** What tells a message from any other. */
type SentMessage = Pick<PackedEntry, 'room' | 'user' | 'idAt'>;

/**
 * Which messages came (CHAT-SAY-4). Their ids are in the packs; what is kept here is which packs may have an id, by its hash: of
 * the newest packs in memory, of all others in a table, to which they go many at a time, since each has another page of it.
 */
export class SentIds {
  readonly #packs: PackTable;
  readonly #statements: Statements;
  readonly #key: number;
  /** Packs that are not in the table by the hashes they have, and the other way round. */
  readonly #recent = new Map<number, number | readonly number[]>();
  readonly #hashes = new Map<number, number[]>();
  /** What the table has for the hashes of a batch. */
  #older = new Map<number, number[]>();
  /** Packs that went into the table, or had the first id added, in this transaction. */
  #filed: number[] = [];
  #added: number[] = [];
  #start: PackPosition;
  #startBefore: PackPosition;

  /** `indexed` is the last pack whose ids are in the table. */
  constructor(database: Database, packs: PackTable, indexed: number) {
    this.#packs = packs;
    this.#statements = prepareStatements(database);
    this.#key = this.#statements.findAbout.get(SENT_KEY) ?? 0;
    this.#start = toPosition(this.#statements.findAbout.get(SENT_FROM) ?? 0);
    this.#startBefore = this.#start;
    for (const { id } of packs.idsAfter(indexed, Number.MAX_SAFE_INTEGER)) {
      const pack = packs.load(id);
      for (const entry of pack?.entries ?? []) this.add(this.hashOf(pack as Pack, entry), id);
    }
    this.commit();
  }

  /** The first entry whose message is remembered; what is before it may come again. */
  get start(): PackPosition {
    return this.#start;
  }

  /** Finds out what the table has for all messages of a batch. */
  lookUp(hashes: readonly number[]): void {
    this.#older = new Map();
    if (hashes.length === 0) return;
    for (const { hash, pack } of this.#statements.findPacks.iterate(`[${hashes.join(',')}]`)) {
      const others = this.#older.get(hash);
      if (others === undefined) this.#older.set(hash, [pack]);
      else others.push(pack);
    }
  }

  /** Packs that may have a message with this hash. */
  candidates(hash: number): readonly number[] {
    const recent = this.#recent.get(hash);
    const older = this.#older.get(hash);
    if (recent === undefined) return older ?? NONE;
    return [...(older ?? NONE), ...(typeof recent === 'number' ? [recent] : recent)];
  }

  /** The same message in a pack, if it is there and remembered. */
  findIn(id: number, bytes: ByteReader, wanted: EntryBytes & SentMessage): PackedEntry | undefined {
    const pack = this.#packs.load(id);
    return pack?.entries.find(
      (entry) =>
        entry.room === wanted.room &&
        entry.user === wanted.user &&
        !isBefore({ pack: id, index: entry.index }, this.#start) &&
        isSameId(bytes, wanted, pack.bytes, entry),
    );
  }

  /** A message came, and is in this pack. */
  add(hash: number, pack: number): void {
    const others = this.#recent.get(hash);
    this.#recent.set(
      hash,
      others === undefined ? pack : [pack, ...(typeof others === 'number' ? [others] : others)],
    );
    const hashes = this.#hashes.get(pack);
    if (hashes !== undefined) {
      hashes.push(hash);
      return;
    }
    this.#hashes.set(pack, [hash]);
    this.#added.push(pack);
  }

  /** Brings the ids of a pack into the table. */
  file(id: number): void {
    const hashes = this.#hashes.get(id);
    if (hashes === undefined) return;
    this.#filed.push(id);
    if (id >= this.#start.pack) this.#statements.insert.run(id, `[${hashes.join(',')}]`);
  }

  /** All messages before this one may come again. */
  forgetBefore(position: PackPosition): void {
    this.#start = position;
    this.#statements.saveAbout.run(SENT_FROM, toNumber(position));
  }

  /** Nothing of a pack is looked for any more. */
  removePack(id: number, pack: Pack): void {
    const hashes = pack.entries.map((entry) => this.hashOf(pack, entry));
    this.#statements.remove.run(id, `[${hashes.join(',')}]`);
  }

  hashOf({ bytes }: { readonly bytes: ByteReader }, { room, user, idAt }: SentMessage): number {
    return bytes.hash(idAt, ID_WORDS, this.#key ^ mix(Math.imul(room, ROOM_FACTOR) ^ user));
  }

  /** The transaction came to its end. */
  commit(): void {
    for (const id of this.#filed) this.#dropRecent(id);
    this.#filed = [];
    this.#added = [];
    this.#startBefore = this.#start;
  }

  /** It was undone. */
  undo(): void {
    for (const id of this.#added) this.#dropRecent(id);
    this.#filed = [];
    this.#added = [];
    this.#start = this.#startBefore;
  }

  #dropRecent(id: number): void {
    for (const hash of this.#hashes.get(id) ?? NONE) {
      const packs = this.#recent.get(hash);
      const others = typeof packs === 'number' ? NONE : (packs ?? NONE).filter((pack) => pack !== id);
      if (others.length === 0) this.#recent.delete(hash);
      else this.#recent.set(hash, others);
    }
    this.#hashes.delete(id);
  }
}

const NONE: readonly number[] = [];
const ID_WORDS = 4;
/** Spreads the numbers of rooms, which are small. */
const ROOM_FACTOR = 0x9e37_79b1;

function mix(value: number): number {
  const mixed = Math.imul(value ^ (value >>> 16), 0x85eb_ca6b);
  return mixed ^ (mixed >>> 13);
}

function toPosition(number: number): PackPosition {
  return { pack: Math.floor(number / PACK_ENTRIES_MAX), index: number % PACK_ENTRIES_MAX };
}

function toNumber({ pack, index }: PackPosition): number {
  return pack * PACK_ENTRIES_MAX + index;
}

function isBefore(one: PackPosition, other: PackPosition): boolean {
  return toNumber(one) < toNumber(other);
}

type Statements = ReturnType<typeof prepareStatements>;

function prepareStatements(database: Database) {
  return {
    findAbout: database
      .prepare<[string], number>('SELECT CAST(value AS INTEGER) FROM about WHERE name = ?')
      .pluck(),
    saveAbout: database.prepare<[string, number]>(
      'INSERT OR REPLACE INTO about VALUES (?, CAST(CAST(? AS INTEGER) AS TEXT))',
    ),
    findPacks: database.prepare<[string], { hash: number; pack: number }>(
      'SELECT hash, pack FROM json_each(?) CROSS JOIN sent_ids ON hash = json_each.value',
    ),
    insert: database.prepare<[number, string]>(
      'INSERT OR IGNORE INTO sent_ids SELECT value, ? FROM json_each(?) ORDER BY value',
    ),
    remove: database.prepare<[number, string]>(
      'DELETE FROM sent_ids WHERE pack = ? AND hash IN (SELECT value FROM json_each(?))',
    ),
  };
}
