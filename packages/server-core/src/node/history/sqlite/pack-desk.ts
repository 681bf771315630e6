import type { MessageText } from '@parley/protocol';
import type { Database } from 'better-sqlite3';
import type { ByteReader } from './byte-reader.ts';
import { type EntryBytes, textOf } from './entry-bytes.ts';
import { type AddedEntry, Pack, type PackedEntry, PackWriter } from './entry-pack.ts';
import { PackIndex } from './pack-index.ts';
import { PackTable } from './pack-table.ts';
import type { IndexingLimits } from './sqlite-messages.ts';

/** An entry that was looked for, in its pack. */
interface FoundEntry {
  readonly packId: number;
  readonly pack: Pack;
  readonly entry: PackedEntry;
}

/** What becomes of an entry when its pack is written anew. */
export type EntryFate = 'stays' | 'is-gone' | 'is-removed';

/** Puts entries into packs, and finds and changes those that are there. Everything happens within a transaction. */
export class PackDesk {
  readonly table: PackTable;
  readonly index: PackIndex;
  /** The pack that is filled now. */
  readonly #pack = new PackWriter();
  /** Of a pack that is written anew. */
  readonly #again = new PackWriter();
  /** Rooms in the pack that is filled, with the last sequence of each. */
  readonly #places = new Map<number, number>();
  #earliest = Number.POSITIVE_INFINITY;
  #latest = Number.NEGATIVE_INFINITY;

  constructor(database: Database, indexing?: IndexingLimits) {
    this.table = new PackTable(database);
    this.index = new PackIndex(database, this.table, indexing);
  }

  begin(): void {
    this.index.begin();
  }

  commit(): void {
    this.index.commit();
  }

  undo(): void {
    this.#beginPack();
    this.#again.take();
    this.index.undo();
  }

  /** Puts an entry into the pack that is filled. */
  add(bytes: ByteReader, entry: AddedEntry, hash: number): void {
    this.#pack.add(bytes, entry);
    if (entry.isGone !== true) this.#places.set(entry.room, entry.sequence);
    this.#earliest = Math.min(this.#earliest, entry.time);
    this.#latest = Math.max(this.#latest, entry.time);
    this.index.sent.add(hash, this.#nextId);
    if (this.#pack.isFull) this.flush();
  }

  /** Writes the pack that is filled. */
  flush(): void {
    const { count, isPlain } = this.#pack;
    if (count === 0) return;
    const id = this.#nextId;
    const summary = { count, isPlain, earliest: this.#earliest, latest: this.#latest };
    this.table.insert(id, summary, this.#pack.take());
    for (const [room, lastSequence] of this.#places) this.table.addPlace(room, lastSequence, id);
    this.index.add(id, count);
    this.#beginPack();
  }

  /** The same message, when it came before. */
  // CHAT-SAY-4
  findSent(
    hash: number,
    bytes: ByteReader,
    wanted: EntryBytes & Pick<PackedEntry, 'room' | 'user'>,
  ): PackedEntry | undefined {
    const { sent } = this.index;
    for (const id of sent.candidates(hash)) {
      if (id === this.#nextId) this.flush();
      const found = sent.findIn(id, bytes, wanted);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** The entry of a room, if it is kept. */
  find(room: number, sequence: number): FoundEntry | undefined {
    let packId = this.table.packWith(room, sequence);
    if (packId === undefined) {
      // Perhaps it is in the pack that is filled. Written for each edit, it would never have more than one of them.
      this.flush();
      packId = this.table.packWith(room, sequence);
    }
    const pack = packId === undefined ? undefined : this.table.load(packId);
    const entry = pack?.entries.find((one) => one.room === room && one.sequence === sequence && !one.isGone);
    if (packId === undefined || pack === undefined || entry === undefined) return undefined;
    return { packId, pack, entry };
  }

  /** Gives an entry another text, or none. */
  changeText({ packId, pack, entry }: FoundEntry, text: MessageText | undefined, editedAt: number): void {
    for (const one of pack.entries) {
      if (one === entry) this.#again.addChanged(pack.bytes, one, text, editedAt);
      else this.#again.add(pack.bytes, one);
    }
    this.#replace(packId);
  }

  /** Writes a pack anew without what is not to stay. */
  thinOut(packId: number, fateOf: (entry: PackedEntry) => EntryFate): void {
    const pack = this.table.load(packId);
    for (const entry of pack?.entries ?? []) {
      const fate = fateOf(entry);
      if (fate === 'stays') this.#again.add((pack as Pack).bytes, entry);
      else if (fate === 'is-gone') this.#again.addGone((pack as Pack).bytes, entry);
    }
    this.#replace(packId);
  }

  get #nextId(): number {
    return this.index.lastPack + 1;
  }

  #replace(packId: number): void {
    const { count, isPlain } = this.#again;
    const content = this.#again.take();
    if (count === 0) this.table.remove(packId);
    else this.table.replace(packId, { count, isPlain }, content);
    this.index.change(packId, count === 0 ? undefined : new Pack(content));
  }

  #beginPack(): void {
    this.#pack.take();
    this.#places.clear();
    this.#earliest = Number.POSITIVE_INFINITY;
    this.#latest = Number.NEGATIVE_INFINITY;
  }
}

/** The text that an entry has now. */
export function currentText({ pack, entry }: FoundEntry): MessageText | undefined {
  return textOf(pack.bytes, entry);
}
