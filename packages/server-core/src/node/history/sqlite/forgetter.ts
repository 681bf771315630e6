import type { Database } from 'better-sqlite3';
import { RESEND_MS_MIN } from '../../../domain/limits.ts';
import type { Retention } from '../../../history/history-store.ts';
import { FORGET_ENTRIES_MAX } from '../../../history/limits.ts';
import type { PackedEntry } from './entry-pack.ts';
import type { EntryFate, PackDesk } from './pack-desk.ts';

interface Candidate {
  readonly id: number;
  readonly key: string;
  readonly firstSequence: number;
  readonly lastSequence: number;
}

/** What was forgotten, and whether there is more of it than one transaction should take. */
interface Forgotten {
  readonly firsts: readonly { readonly roomKey: string; readonly firstSequence: number }[];
  readonly hasMore: boolean;
}

/** Takes old entries out of the file, with the words and the old texts that belong to them. */
// CHAT-HISTORY-4
export class Forgetter {
  readonly #packs: PackDesk;
  readonly #statements: Statements;

  constructor(database: Database, packs: PackDesk) {
    this.#packs = packs;
    this.#statements = prepareStatements(database);
  }

  /** Forgets at most `FORGET_ENTRIES_MAX` entries, and ids of messages that need not be remembered any more. */
  forget({ ageMsMax, entriesPerRoomMax }: Retention, now: number): Forgotten {
    const oldest = ageMsMax === undefined ? Number.MIN_SAFE_INTEGER : now - ageMsMax;
    const countMax = entriesPerRoomMax ?? Number.MAX_SAFE_INTEGER;
    const firsts = new Map<Candidate, number>();
    let budget = FORGET_ENTRIES_MAX;
    let hasMore = false;
    for (const room of this.#statements.findCandidates.all({ oldest, countMax })) {
      const wanted = this.#firstToKeep(room, oldest, countMax);
      if (wanted === room.firstSequence) continue;
      const firstSequence = Math.min(wanted, room.firstSequence + budget);
      budget -= firstSequence - room.firstSequence;
      if (firstSequence > room.firstSequence) firsts.set(room, firstSequence);
      hasMore = firstSequence < wanted;
      if (hasMore) break;
    }
    this.#drop(firsts);
    const told = [...firsts].map(([{ key }, firstSequence]) => ({ roomKey: key, firstSequence }));
    return { firsts: told, hasMore: hasMore || this.#forgetIds(now - RESEND_MS_MIN) };
  }

  #firstToKeep({ id, firstSequence, lastSequence }: Candidate, oldest: number, countMax: number): number {
    const from = Math.max(firstSequence, lastSequence - countMax + 1);
    const isYoung = ({ room, sequence, time }: PackedEntry) =>
      room === id && sequence >= from && time >= oldest;
    for (const { entries } of this.#packs.table.packsSince(id, from, oldest)) {
      const young = entries.find(isYoung);
      if (young !== undefined) return young.sequence;
    }
    return lastSequence + 1;
  }

  /** Everything before these sequences; each pack is written once, whatever rooms it has. */
  #drop(firsts: ReadonlyMap<Candidate, number>): void {
    const { table, index } = this.#packs;
    const packs = new Set<number>();
    const firstOf = new Map<number, number>();
    for (const [{ id, firstSequence }, first] of firsts) {
      for (const pack of table.packsBetween(id, firstSequence, first - 1)) packs.add(pack);
      table.removePlacesBefore(id, first);
      this.#statements.dropOldTexts.run(id, first);
      this.#statements.updateFirst.run(first, id);
      firstOf.set(id, first);
    }
    for (const pack of packs) {
      // Whether a message came is asked for a day, whatever becomes of it.
      const forgotten: EntryFate = pack < index.sent.start.pack ? 'is-removed' : 'is-gone';
      this.#packs.thinOut(pack, ({ room, sequence }) =>
        sequence < (firstOf.get(room) ?? 0) ? forgotten : 'stays',
      );
    }
  }

  /** From the oldest on, up to the first that is young; says whether there are more. */
  // CHAT-SAY-4
  #forgetIds(oldest: number): boolean {
    const { table, index } = this.#packs;
    const { start } = index.sent;
    let budget = FORGET_ENTRIES_MAX;
    let reached = start;
    for (const { id } of table.idsAfter(start.pack - 1, FORGET_ENTRIES_MAX)) {
      const pack = table.load(id);
      if (pack === undefined || budget <= 0) break;
      const from = id === start.pack ? start.index : 0;
      const young = pack.entries.findIndex(({ index: at, time }) => at >= from && time >= oldest);
      if (young >= 0) {
        reached = { pack: id, index: young };
        break;
      }
      budget -= pack.entries.length;
      reached = { pack: id + 1, index: 0 };
      index.sent.removePack(id, pack);
    }
    if (reached.pack === start.pack && reached.index === start.index) return false;
    index.sent.forgetBefore(reached);
    this.#removeGone(start.pack, reached.pack);
    return budget <= 0;
  }

  /** What was kept of entries for their ids alone. */
  #removeGone(first: number, end: number): void {
    for (const { id } of this.#packs.table.idsAfter(first - 1, FORGET_ENTRIES_MAX)) {
      if (id >= end) return;
      if (this.#packs.table.load(id)?.entries.some(({ isGone }) => isGone) !== true) continue;
      this.#packs.thinOut(id, ({ isGone }) => (isGone ? 'is-removed' : 'stays'));
    }
  }
}

type Statements = ReturnType<typeof prepareStatements>;

function prepareStatements(database: Database) {
  return {
    /** Rooms with too many entries, or with one that is too old in the pack where their first one is. */
    findCandidates: database.prepare<[{ oldest: number; countMax: number }], Candidate>(
      `SELECT id, key, first_sequence AS firstSequence, last_sequence AS lastSequence
       FROM rooms
       WHERE first_sequence <= last_sequence AND (
         last_sequence - first_sequence >= @countMax OR @oldest > (
           SELECT earliest FROM places CROSS JOIN packs ON packs.id = places.pack
           WHERE places.room = rooms.id AND places.last_sequence >= rooms.first_sequence
           ORDER BY places.last_sequence LIMIT 1
         )
       )
       ORDER BY id`,
    ),
    dropOldTexts: database.prepare<[number, number]>('DELETE FROM old_texts WHERE room = ? AND target < ?'),
    updateFirst: database.prepare<[number, number]>('UPDATE rooms SET first_sequence = ? WHERE id = ?'),
  };
}
