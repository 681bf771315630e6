import type { Database } from 'better-sqlite3';
import type { Retention } from '../../../history/history-store.ts';
import { FORGET_ENTRIES_MAX, RESEND_MS_MIN } from '../../../history/limits.ts';

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
  readonly #statements: Statements;

  constructor(database: Database) {
    this.#statements = prepareStatements(database);
  }

  /** Forgets at most `FORGET_ENTRIES_MAX` entries, and ids of messages that need not be remembered any more. */
  forget({ ageMsMax, entriesPerRoomMax }: Retention, now: number): Forgotten {
    const { findCandidates, forgetSent } = this.#statements;
    const oldest = ageMsMax === undefined ? Number.MIN_SAFE_INTEGER : now - ageMsMax;
    const countMax = entriesPerRoomMax ?? Number.MAX_SAFE_INTEGER;
    const firsts: { roomKey: string; firstSequence: number }[] = [];
    let budget = FORGET_ENTRIES_MAX;
    for (const room of findCandidates.all({ oldest, countMax })) {
      if (budget === 0) return { firsts, hasMore: true };
      const wanted = this.#firstToKeep(room, oldest, countMax);
      const firstSequence = Math.min(wanted, room.firstSequence + budget);
      budget -= firstSequence - room.firstSequence;
      this.#drop(room, firstSequence);
      firsts.push({ roomKey: room.key, firstSequence });
      if (firstSequence < wanted) return { firsts, hasMore: true };
    }
    // CHAT-SAY-4
    const { changes } = forgetSent.run({ oldest: now - RESEND_MS_MIN, limit: FORGET_ENTRIES_MAX });
    return { firsts, hasMore: changes === FORGET_ENTRIES_MAX };
  }

  #firstToKeep({ id, firstSequence, lastSequence }: Candidate, oldest: number, countMax: number): number {
    const from = Math.max(firstSequence, lastSequence - countMax + 1);
    return this.#statements.findYoung.get(id, from, oldest) ?? lastSequence + 1;
  }

  #drop({ id, firstSequence }: Candidate, end: number): void {
    const { dropWords, dropOldTexts, dropEntries, updateFirst } = this.#statements;
    dropWords.run(id, firstSequence, end);
    dropOldTexts.run(id, end);
    dropEntries.run(id, firstSequence, end);
    updateFirst.run(end, id);
  }
}

type Statements = ReturnType<typeof prepareStatements>;

function prepareStatements(database: Database) {
  return {
    /** Rooms with too many entries, or whose oldest one is too old. */
    findCandidates: database.prepare<[{ oldest: number; countMax: number }], Candidate>(
      `SELECT rooms.id, key, first_sequence AS firstSequence, last_sequence AS lastSequence
       FROM rooms JOIN entries ON entries.room = rooms.id AND entries.sequence = rooms.first_sequence
       WHERE entries.time < @oldest OR last_sequence - first_sequence >= @countMax
       ORDER BY rooms.id`,
    ),
    findYoung: database
      .prepare<[number, number, number], number>(
        'SELECT sequence FROM entries WHERE room = ? AND sequence >= ? AND time >= ? ORDER BY sequence LIMIT 1',
      )
      .pluck(),
    dropWords: database.prepare<[number, number, number]>(
      `DELETE FROM entry_words WHERE rowid IN (
         SELECT id FROM entries WHERE room = ? AND sequence >= ? AND sequence < ? AND kind = 'text' AND text IS NOT NULL
       )`,
    ),
    dropOldTexts: database.prepare<[number, number]>('DELETE FROM old_texts WHERE room = ? AND target < ?'),
    dropEntries: database.prepare<[number, number, number]>(
      'DELETE FROM entries WHERE room = ? AND sequence >= ? AND sequence < ?',
    ),
    updateFirst: database.prepare<[number, number]>('UPDATE rooms SET first_sequence = ? WHERE id = ?'),
    /** From the oldest on, up to the first that is young. */
    forgetSent: database.prepare<[{ oldest: number; limit: number }]>(
      `DELETE FROM sent WHERE id IN (
         SELECT id FROM sent
         WHERE id < coalesce((SELECT id FROM sent WHERE time >= @oldest ORDER BY id LIMIT 1), 9223372036854775807)
         ORDER BY id LIMIT @limit
       )`,
    ),
  };
}
