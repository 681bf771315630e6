import { CLIENT_MESSAGE_ID_BYTES, type Nickname } from '@parley/protocol';
import { StoreError } from '../../../history/history-store.ts';
import { isAscii } from '../../../history/words.ts';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { type EntryBytes, idOf, readEntry, writeEntry, writeText } from './entry-bytes.ts';

/*
 * Entries that were written together lie in the file as one piece, a pack: to SQLite a row for each of them costs more than all
 * else that is done with a message. Each entry has, before its own bytes, the number of its room, the length of all that follows,
 * by which those of other rooms are passed by, the number of its user, its sequence, and what has become of it. The last byte
 * of a pack is the number of its entries: where some are missing, nobody is to believe that there were none.
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

/** What follows the length of an entry has at least so much: whoever passes zeros by would never notice. */
const PART_BYTES_MIN = 8 + CLIENT_MESSAGE_ID_BYTES;

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
    const part = this.#begin(entry, entry.editedAt);
    this.#bytes.copy(source, entry.start, entry.end);
    this.#bytes.endPart(part);
    this.#isPlain &&= entry.isPlain;
  }

  /** Adds an entry with another text, or none. */
  addChanged(source: ByteReader, entry: PackedEntry, text: string | undefined, editedAt: number): void {
    const part = this.#begin(entry, editedAt);
    this.#bytes.copy(source, entry.start, entry.textAt - 1);
    writeText(this.#bytes, text);
    this.#bytes.endPart(part);
    this.#isPlain &&= text === undefined || isAscii(text);
  }

  /** Adds what has to be remembered of an entry that is forgotten. */
  addGone(source: ByteReader, entry: EntryBytes & PackedPlace): void {
    const part = this.#head(entry);
    this.#bytes.count(GONE);
    writeEntry(this.#bytes, { ...NOTHING, time: entry.time, clientMessageId: idOf(source, entry) });
    this.#bytes.endPart(part);
  }

  /** The pack; the next one begins. */
  take(): Uint8Array {
    this.#bytes.count(this.#count);
    this.#count = 0;
    this.#isPlain = true;
    return this.#bytes.take();
  }

  /** Gives the position of the part that begins. */
  #begin(entry: PackedPlace, editedAt: number | undefined): number {
    const part = this.#head(entry);
    this.#bytes.count(editedAt === undefined ? AS_WRITTEN : CHANGED);
    if (editedAt !== undefined) this.#bytes.number(editedAt);
    return part;
  }

  #head({ room, user, sequence }: PackedPlace): number {
    this.#count += 1;
    this.#bytes.count(room);
    const part = this.#bytes.beginPart();
    this.#bytes.count(user);
    this.#bytes.count(sequence);
    return part;
  }
}

/** Numbers of rooms: a `Set`, or a `Map` that has more of each. */
interface Rooms {
  has(room: number): boolean;
}

/** A pack, to be read. */
export class Pack {
  readonly bytes: ByteReader;
  readonly entries: readonly PackedEntry[];

  /** All of it, or what it has of some rooms. Throws `StoreError` when it is damaged. */
  constructor(content: Uint8Array, rooms?: Rooms) {
    const bytes = new ByteReader(content);
    const entries: PackedEntry[] = [];
    const end = content.length - 1;
    let index = 0;
    try {
      while (bytes.position < end) {
        const entry = readPackedEntry(bytes, index, rooms);
        if (entry !== undefined) entries.push(entry);
        index += 1;
      }
    } catch (cause) {
      throw damaged(cause);
    }
    if (bytes.position !== end || content[end] !== index) throw damaged(undefined);
    this.bytes = bytes;
    this.entries = entries;
  }
}

function damaged(cause: unknown): StoreError {
  return new StoreError('corrupt', "the server's history is damaged", { cause });
}

function readPackedEntry(
  bytes: ByteReader,
  index: number,
  rooms: Rooms | undefined,
): PackedEntry | undefined {
  const room = bytes.count();
  const partEnd = bytes.partEnd();
  const byteCount = partEnd - bytes.position;
  if (byteCount < PART_BYTES_MIN) throw new RangeError('the bytes have no entry where one should be');
  if (rooms !== undefined && !rooms.has(room)) {
    bytes.skip(byteCount);
    return undefined;
  }
  const user = bytes.count();
  const sequence = bytes.count();
  const state = bytes.count();
  const editedAt = state === CHANGED ? bytes.number() : undefined;
  const { time, kind, target, idAt, nicknameAt, textAt, isPlain, start, end } = readEntry(bytes);
  if (end !== partEnd) throw new RangeError('an entry has another length than it says');
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
