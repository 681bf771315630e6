import type { Nickname } from '@parley/protocol';
import { StoreError } from '../../../history/history-store.ts';
import { isAscii } from '../../../history/words.ts';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { type EntryBytes, idOf, readEntry, writeEntry, writeText } from './entry-bytes.ts';

/*
 * Entries that were written together lie in the file as one piece, a pack: to SQLite a row for each of them costs more than all
 * else that is done with a message. Each entry has, before its own bytes, the numbers of its room and its user, its sequence,
 * and what has become of it.
 */

/** An entry of a pack. */
export interface PackedEntry extends EntryBytes {
  /** Its place in the pack. */
  readonly index: number;
  readonly room: number;
  readonly user: number;
  readonly sequence: number;
  /** When its text was changed or taken away. */
  readonly editedAt: number | undefined;
  /** It was forgotten, except that its message came (CHAT-SAY-4). */
  readonly isGone: boolean;
}

/** By whom an entry is, and where. */
export type PackedPlace = Pick<PackedEntry, 'room' | 'user' | 'sequence'>;

/** An entry on its way into a pack. */
export type AddedEntry = EntryBytes & PackedPlace & Partial<Pick<PackedEntry, 'editedAt' | 'isGone'>>;

const AS_WRITTEN = 0;
const CHANGED = 1;
const GONE = 2;

const NOTHING = { kind: 'unknown', target: 0, from: '' as Nickname, text: undefined } as const;

/** Entries in a pack: so many are read for one that is looked for. */
export const PACK_ENTRIES_MAX = 64;
/** Bytes of a pack, or one entry more. */
const PACK_BYTES_MAX = 32_768;

/** Puts a pack together. */
export class PackWriter {
  readonly #bytes = new ByteWriter();
  #count = 0;
  #isPlain = true;

  get count(): number {
    return this.#count;
  }

  /** Whether all texts are ASCII. */
  get isPlain(): boolean {
    return this.#isPlain;
  }

  get isFull(): boolean {
    return this.#count >= PACK_ENTRIES_MAX || this.#bytes.byteCount >= PACK_BYTES_MAX;
  }

  /** Adds an entry as it is in other bytes. */
  add(source: ByteReader, entry: AddedEntry): void {
    if (entry.isGone === true) {
      this.addGone(source, entry);
      return;
    }
    this.#begin(entry, entry.editedAt);
    this.#bytes.copy(source, entry.start, entry.end);
    this.#isPlain &&= entry.isPlain;
  }

  /** Adds an entry with another text, or none. */
  addChanged(source: ByteReader, entry: PackedEntry, text: string | undefined, editedAt: number): void {
    this.#begin(entry, editedAt);
    this.#bytes.copy(source, entry.start, entry.textAt - 1);
    writeText(this.#bytes, text);
    this.#isPlain &&= text === undefined || isAscii(text);
  }

  /** Adds what has to be remembered of an entry that is forgotten. */
  addGone(source: ByteReader, entry: EntryBytes & PackedPlace): void {
    this.#head(entry);
    this.#bytes.count(GONE);
    writeEntry(this.#bytes, { ...NOTHING, time: entry.time, clientMessageId: idOf(source, entry) });
  }

  /** The pack; the next one begins. */
  take(): Uint8Array {
    this.#count = 0;
    this.#isPlain = true;
    return this.#bytes.take();
  }

  #begin(entry: PackedPlace, editedAt: number | undefined): void {
    this.#head(entry);
    this.#bytes.count(editedAt === undefined ? AS_WRITTEN : CHANGED);
    if (editedAt !== undefined) this.#bytes.number(editedAt);
  }

  #head({ room, user, sequence }: PackedPlace): void {
    this.#count += 1;
    this.#bytes.count(room);
    this.#bytes.count(user);
    this.#bytes.count(sequence);
  }
}

/** A pack, to be read. */
export class Pack {
  readonly bytes: ByteReader;
  readonly entries: readonly PackedEntry[];

  /** Throws `StoreError` when it is damaged. */
  constructor(content: Uint8Array) {
    const bytes = new ByteReader(content);
    const entries: PackedEntry[] = [];
    try {
      while (!bytes.isAtEnd) entries.push(readPackedEntry(bytes, entries.length));
    } catch (cause) {
      throw damaged(cause);
    }
    if (bytes.position !== content.length) throw damaged(undefined);
    this.bytes = bytes;
    this.entries = entries;
  }
}

function damaged(cause: unknown): StoreError {
  return new StoreError('corrupt', "the server's history is damaged", { cause });
}

function readPackedEntry(bytes: ByteReader, index: number): PackedEntry {
  const room = bytes.count();
  const user = bytes.count();
  const sequence = bytes.count();
  const state = bytes.count();
  const editedAt = state === CHANGED ? bytes.number() : undefined;
  const { time, kind, target, idAt, nicknameAt, textAt, isPlain, start, end } = readEntry(bytes);
  // Written out: a spread takes several times as long, and most entries are read to be passed by.
  return {
    index,
    room,
    user,
    sequence,
    editedAt,
    isGone: state === GONE,
    time,
    kind,
    target,
    idAt,
    nicknameAt,
    textAt,
    isPlain,
    start,
    end,
  };
}
