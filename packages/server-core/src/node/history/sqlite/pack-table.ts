import type { Database } from 'better-sqlite3';
import { Pack } from './entry-pack.ts';

/** What is known of a pack without reading it. */
export interface PackSummary {
  readonly count: number;
  /** Whether its texts are ASCII alone. */
  readonly isPlain: boolean;
  /** Times of its entries. */
  readonly earliest: number;
  readonly latest: number;
}

/** Packs, and which of them have the entries of a room. */
export class PackTable {
  readonly #statements: Statements;

  constructor(database: Database) {
    this.#statements = prepareStatements(database);
  }

  /** Id of the newest one; 0 before the first. */
  get lastId(): number {
    return this.#statements.findLast.get() ?? 0;
  }

  load(id: number): Pack | undefined {
    const content = this.#statements.load.get(id);
    return content === undefined ? undefined : new Pack(content);
  }

  insert(id: number, { count, isPlain, earliest, latest }: PackSummary, content: Uint8Array): void {
    this.#statements.insert.run(id, count, isPlain ? 1 : 0, earliest, latest, content);
  }

  replace(id: number, { count, isPlain }: Pick<PackSummary, 'count' | 'isPlain'>, content: Uint8Array): void {
    this.#statements.replace.run(count, isPlain ? 1 : 0, content, id);
  }

  remove(id: number): void {
    this.#statements.remove.run(id);
  }

  /** Entries in packs after this one. */
  countAfter(id: number): number {
    return this.#statements.countAfter.get(id) ?? 0;
  }

  /** Ids of the packs after this one, the oldest first. */
  idsAfter(id: number, limit: number): { readonly id: number; readonly count: number }[] {
    return this.#statements.idsAfter.all(id, limit);
  }

  /** A pack has entries of this room, the last of them with this sequence. */
  addPlace(room: number, lastSequence: number, pack: number): void {
    this.#statements.insertPlace.run(room, lastSequence, pack);
  }

  /** The pack that has this entry, if it is kept. */
  packWith(room: number, sequence: number): number | undefined {
    return this.#statements.findPlace.get(room, sequence);
  }

  /** Packs that have entries of a room from one sequence up to another. */
  packsBetween(room: number, first: number, last: number): number[] {
    return this.#statements.packsBetween.all({ room, first, last });
  }

  /** What the packs of a room have of it from a sequence on that have something not older than a time; nothing is written meanwhile. */
  *packsSince(room: number, sequence: number, oldest: number): Generator<Pack> {
    const rooms = new Set([room]);
    for (const content of this.#statements.packsSince.iterate(room, sequence, oldest))
      yield new Pack(content, rooms);
  }

  /** A room has nothing before this sequence any more. */
  removePlacesBefore(room: number, sequence: number): void {
    this.#statements.removePlaces.run(room, sequence);
  }
}

type Statements = ReturnType<typeof prepareStatements>;

function prepareStatements(database: Database) {
  return {
    findLast: database.prepare<[], number | null>('SELECT max(id) FROM packs').pluck(),
    load: database.prepare<[number], Buffer>('SELECT content FROM packs WHERE id = ?').pluck(),
    insert: database.prepare<[number, number, number, number, number, Uint8Array]>(
      'INSERT INTO packs VALUES (?, ?, ?, ?, ?, ?)',
    ),
    replace: database.prepare<[number, number, Uint8Array, number]>(
      'UPDATE packs SET entries = ?, plain = ?, content = ? WHERE id = ?',
    ),
    remove: database.prepare<[number]>('DELETE FROM packs WHERE id = ?'),
    countAfter: database
      .prepare<[number], number | null>('SELECT sum(entries) FROM packs WHERE id > ?')
      .pluck(),
    idsAfter: database.prepare<[number, number], { id: number; count: number }>(
      'SELECT id, entries AS count FROM packs WHERE id > ? ORDER BY id LIMIT ?',
    ),
    insertPlace: database.prepare<[number, number, number]>('INSERT INTO places VALUES (?, ?, ?)'),
    findPlace: database
      .prepare<[number, number], number>(
        'SELECT pack FROM places WHERE room = ? AND last_sequence >= ? ORDER BY last_sequence LIMIT 1',
      )
      .pluck(),
    packsBetween: database
      .prepare<[{ room: number; first: number; last: number }], number>(
        `SELECT pack FROM places WHERE room = @room AND last_sequence >= @first AND last_sequence <= (
           SELECT last_sequence FROM places WHERE room = @room AND last_sequence >= @last
           ORDER BY last_sequence LIMIT 1
         )`,
      )
      .pluck(),
    packsSince: database
      .prepare<[number, number, number], Buffer>(
        `SELECT content FROM places CROSS JOIN packs ON packs.id = places.pack
         WHERE room = ? AND last_sequence >= ? AND latest >= ? ORDER BY last_sequence`,
      )
      .pluck(),
    removePlaces: database.prepare<[number, number]>(
      'DELETE FROM places WHERE room = ? AND last_sequence < ?',
    ),
  };
}
