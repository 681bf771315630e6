import type { AuditQuery, NewAuditEntry, StoredAuditEntry } from './account-store.ts';

/** Decisions that are kept at hand: some megabytes, and years of a busy server. */
export const AUDIT_ENTRIES_MAX = 10_000;

/** What those in charge have decided, in its order. The oldest is forgotten. */
// CHAT-AUDIT-1
export class AuditTrail {
  #entries: StoredAuditEntry[] = [];
  #lastSequence = 0;

  /** Gives entries their numbers, which follow that of the last one. */
  number(entries: readonly NewAuditEntry[]): readonly StoredAuditEntry[] {
    return entries.map((entry, index) => ({ ...entry, sequence: this.#lastSequence + index + 1 }));
  }

  /** Adds numbered entries. */
  add(entries: readonly StoredAuditEntry[]): void {
    for (const entry of entries) {
      this.#entries.push(entry);
      this.#lastSequence = entry.sequence;
    }
    // Not one by one: moving all the others costs.
    if (this.#entries.length > 2 * AUDIT_ENTRIES_MAX) this.#entries = this.#entries.slice(-AUDIT_ENTRIES_MAX);
  }

  read({ roomKey, before, limit }: AuditQuery): readonly StoredAuditEntry[] {
    const found: StoredAuditEntry[] = [];
    const oldest = Math.max(0, this.#entries.length - AUDIT_ENTRIES_MAX);
    for (let at = this.#entries.length - 1; at >= oldest && found.length < limit; at -= 1) {
      const entry = this.#entries[at] as StoredAuditEntry;
      const isWanted = roomKey === undefined || entry.roomKey === roomKey;
      if (isWanted && (before === undefined || entry.sequence < before)) found.push(entry);
    }
    return found;
  }
}
