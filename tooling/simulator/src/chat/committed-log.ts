import type { MemoryLog } from '@parley/server-core/pure';
import type { Violations } from '../checkers/violations.ts';

type Operation = Parameters<MemoryLog['write']>[0][number];
type Result = ReturnType<MemoryLog['write']>[number];
type NewEntry = Extract<Operation, { type: 'append' }>['entry'];

/** An entry that is in the log for good, as it was written. */
export interface CommittedEntry {
  readonly sequence: number;
  readonly from: string;
  readonly kind: NewEntry['kind'];
  readonly target: number;
  readonly text: string | undefined;
  /** Every text that the entry ever had; `undefined` when it was taken back. */
  readonly texts: (string | undefined)[];
}

/** Everything that the store ever committed, whatever it has forgotten since: the truth that the others are held to. */
export class CommittedLog {
  readonly #violations: Violations;
  readonly #epochs = new Map<string, number>();
  readonly #rooms = new Map<string, CommittedEntry[]>();
  readonly #placeById = new Map<string, number>();
  readonly #placeByText = new Map<string, string>();

  constructor(violations: Violations) {
    this.#violations = violations;
  }

  get entryCount(): number {
    let count = 0;
    for (const entries of this.#rooms.values()) count += entries.length;
    return count;
  }

  entryAt(roomKey: string, epoch: number, sequence: number): CommittedEntry | undefined {
    return this.#rooms.get(`${roomKey} ${epoch}`)?.[sequence - 1];
  }

  /** Where a text that was said once stands: `room epoch sequence`. */
  placeOf(text: string): string | undefined {
    return this.#placeByText.get(text);
  }

  /** The logs are gone, with all that was in them. */
  clear(): void {
    this.#epochs.clear();
    this.#rooms.clear();
    this.#placeById.clear();
    this.#placeByText.clear();
  }

  record(operations: readonly Operation[], results: readonly Result[]): void {
    for (const [index, operation] of operations.entries()) {
      const result = results[index] as Result;
      if (operation.type === 'create-room' && result.type === 'room-created') {
        this.#epochs.set(operation.room.key, operation.room.epoch);
      }
      if (operation.type !== 'append') continue;
      if (result.type === 'appended') this.#append(operation.entry, result.sequence);
      if (result.type === 'repeated') this.#repeat(operation.entry, result.sequence);
    }
  }

  #append(entry: NewEntry, sequence: number): void {
    const { roomKey, kind, target, text, from } = entry;
    const epoch = this.#epochs.get(roomKey) ?? 0;
    const room = `${roomKey} ${epoch}`;
    const entries = this.#rooms.get(room) ?? [];
    this.#rooms.set(room, entries);
    const { length } = entries;
    this.#violations.require(sequence === length + 1, 'gap-free log', () => {
      return `${room}: ${sequence} came after ${length}`;
    });
    const id = idOf(room, entry);
    const former = this.#placeById.get(id);
    this.#violations.require(former === undefined, 'once in the log', () => {
      return `${room}: the id of ${former} is that of ${sequence} too`;
    });
    this.#placeById.set(id, sequence);
    entries.push({ sequence, from, kind, target, text, texts: [text] });
    if (kind === 'edit' || kind === 'delete') entries[target - 1]?.texts.push(text);
    if (kind !== 'text' || text === undefined) return;
    const place = this.#placeByText.get(text);
    this.#violations.require(place === undefined, 'once in the log', () => {
      return `"${text}" is at ${place} and at ${room} ${sequence}`;
    });
    this.#placeByText.set(text, `${room} ${sequence}`);
  }

  #repeat(entry: NewEntry, sequence: number): void {
    const room = `${entry.roomKey} ${this.#epochs.get(entry.roomKey) ?? 0}`;
    const known = this.#placeById.get(idOf(room, entry));
    this.#violations.require(known === sequence, 'once in the log', () => {
      return `${room}: a repeated message was said to be ${sequence}, it is ${known}`;
    });
  }
}

function idOf(room: string, { userId, clientMessageId }: NewEntry): string {
  return `${room} ${userId} ${String.fromCharCode(...clientMessageId)}`;
}
