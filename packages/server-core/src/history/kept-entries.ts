import type { ClientMessageId, EntryKind, LogEntry, MessageText, Nickname } from '@parley/protocol';
import type { NewEntry, UserId } from './history-store.ts';
import { IdIndex } from './id-index.ts';
import { TextRing } from './text-ring.ts';

const CAPACITY_MIN = 4;
const ID_WORDS = 4;

// What an entry has in numbers, one after the other. The last three say where its first text is: units are −1 without one.
const [ORDER, TIME, EDITED_AT, TARGET, TEXT_START, TEXT_UNITS, TEXT_IS_WIDE, NUMBERS] = [
  0, 1, 2, 3, 4, 5, 6, 7,
];

/**
 * The entries of one room, and the ids of the messages that they came as, in columns: a ring in which an entry's place comes
 * of its sequence. An object for each entry, for its id and for its place by that id would be work for the garbage collector as
 * long as they are kept, and in a busy room most of what the server does.
 */
export class KeptEntries {
  readonly #hashKey: number;
  #capacity = 0;
  #numbers = new Float64Array(0);
  #ids = new Int32Array(0);
  #userIds: UserId[] = [];
  #names: Nickname[] = [];
  #kinds: EntryKind[] = [];
  readonly #texts = new TextRing();
  /** Of entries whose text is not the first: the other one, or none. */
  readonly #changed = new Map<number, MessageText | undefined>();
  #index = new IdIndex(CAPACITY_MIN);
  /** Sequences: of the oldest entry, of the oldest id, and of the newest of both. */
  #first = 1;
  #firstId = 1;
  #last = 0;

  /** `hashKey` is a number that senders of messages cannot guess: who can choose which ids collide can make the server slow. */
  constructor(hashKey: number) {
    this.#hashKey = hashKey;
  }

  /** Entries that are kept. */
  get count(): number {
    return this.#last - this.#first + 1;
  }

  /** Sequence of the oldest entry; one more than `lastSequence` when none is kept. */
  get firstSequence(): number {
    return this.#first;
  }

  /** Sequence of the newest entry there ever was; 0 before the first. */
  get lastSequence(): number {
    return this.#last;
  }

  /** Sequence of the entry that came under this id, of this user; `undefined` when none is remembered. */
  find({ clientMessageId, userId }: Pick<NewEntry, 'clientMessageId' | 'userId'>): number | undefined {
    if (this.#capacity === 0) return undefined;
    readWords(clientMessageId, wanted, 0);
    const hash = hashOf(wanted, 0, this.#hashKey);
    for (let place = this.#index.first(hash); place >= 0; place = this.#index.next(place)) {
      if (this.#userIds[place] === userId && this.#isWanted(place)) return this.#sequenceAt(place);
    }
    return undefined;
  }

  /** Adds an entry behind the others; `order` is that of all rooms. */
  append(entry: NewEntry, order: number): void {
    if (this.#last + 1 - this.#start >= this.#capacity)
      this.#resize(Math.max(CAPACITY_MIN, this.#capacity * 2));
    this.#last += 1;
    const place = this.#placeOf(this.#last);
    const { text } = entry;
    const numbers = this.#numbers;
    const at = place * NUMBERS;
    numbers[at + ORDER] = order;
    numbers[at + TIME] = entry.time;
    numbers[at + EDITED_AT] = Number.NaN;
    numbers[at + TARGET] = entry.target;
    numbers[at + TEXT_START] = this.#texts.end;
    numbers[at + TEXT_UNITS] = text === undefined ? -1 : text.length;
    numbers[at + TEXT_IS_WIDE] = text !== undefined && this.#texts.add(text) ? 1 : 0;
    readWords(entry.clientMessageId, this.#ids, place * ID_WORDS);
    this.#userIds[place] = entry.userId;
    this.#names[place] = entry.from;
    this.#kinds[place] = entry.kind;
    this.#index.add(this.#hashAt(place), place);
  }

  /** An entry that is kept. */
  at(sequence: number): LogEntry {
    const place = this.#placeOf(sequence);
    const editedAt = this.#number(place, EDITED_AT);
    return {
      sequence,
      time: this.#number(place, TIME),
      from: this.#names[place] as Nickname,
      kind: this.#kinds[place] as EntryKind,
      target: this.#number(place, TARGET),
      editedAt: Number.isNaN(editedAt) ? undefined : editedAt,
      text: this.#textOf(sequence),
      clientMessageId: this.#idAt(place),
    };
  }

  /** Whether there is such an entry, and it is a text that was not taken back: by whom it is, and what it says. */
  textAt(sequence: number): { readonly userId: UserId; readonly text: MessageText } | undefined {
    if (sequence < this.#first || sequence > this.#last) return undefined;
    const place = this.#placeOf(sequence);
    const text = this.#textOf(sequence);
    if (this.#kinds[place] !== 'text' || text === undefined) return undefined;
    return { userId: this.#userIds[place] as UserId, text };
  }

  /** The order of an entry among those of all rooms. */
  orderOf(sequence: number): number {
    return this.#number(this.#placeOf(sequence), ORDER);
  }

  /** When an entry came whose id is remembered, or that is kept. */
  timeOf(sequence: number): number {
    return this.#number(this.#placeOf(sequence), TIME);
  }

  /** Gives an entry another text, or none. */
  change(sequence: number, text: MessageText | undefined, editedAt: number): void {
    const place = this.#placeOf(sequence);
    this.#changed.set(sequence, text);
    this.#numbers[place * NUMBERS + EDITED_AT] = editedAt;
  }

  /** Forgets the entries before this one. Their ids are remembered. */
  forgetBefore(sequence: number): void {
    const next = sequence > this.#last ? this.#texts.end : this.#number(this.#placeOf(sequence), TEXT_START);
    this.#texts.forgetBefore(next);
    for (const changed of this.#changed.keys()) if (changed < sequence) this.#changed.delete(changed);
    this.#first = sequence;
    this.#tidyUp();
  }

  /** Forgets ids from the oldest on, up to the first that came at `time` or later. */
  forgetIdsBefore(time: number): void {
    for (; this.#firstId <= this.#last && this.timeOf(this.#firstId) < time; this.#firstId += 1) {
      const place = this.#placeOf(this.#firstId);
      this.#index.remove(this.#hashAt(place), place);
    }
    this.#tidyUp();
  }

  /** The oldest of which there is anything. */
  get #start(): number {
    return Math.min(this.#first, this.#firstId);
  }

  #placeOf(sequence: number): number {
    return sequence & (this.#capacity - 1);
  }

  /** The only one of those that are there that has this place. */
  #sequenceAt(place: number): number {
    return this.#last - ((this.#last - place) & (this.#capacity - 1));
  }

  #textOf(sequence: number): MessageText | undefined {
    if (this.#changed.has(sequence)) return this.#changed.get(sequence);
    const place = this.#placeOf(sequence);
    const units = this.#number(place, TEXT_UNITS);
    if (units < 0) return undefined;
    const isWide = this.#number(place, TEXT_IS_WIDE) === 1;
    return this.#texts.at({ start: this.#number(place, TEXT_START), units, isWide }) as MessageText;
  }

  #number(place: number, which: number): number {
    return this.#numbers[place * NUMBERS + which] as number;
  }

  /** Gives memory back after a busy time. */
  #tidyUp(): void {
    const needed = this.#last + 1 - this.#start;
    if (this.#capacity > CAPACITY_MIN && needed <= this.#capacity / 4) this.#resize(this.#capacity / 2);
  }

  #resize(capacity: number): void {
    const [numbers, ids] = [new Float64Array(capacity * NUMBERS), new Int32Array(capacity * ID_WORDS)];
    const userIds = new Array<UserId>(capacity);
    const names = new Array<Nickname>(capacity);
    const kinds = new Array<EntryKind>(capacity);
    for (let sequence = this.#start; sequence <= this.#last; ) {
      const [from, to] = [this.#placeOf(sequence), sequence & (capacity - 1)];
      // As many as lie in one piece in both.
      const count = Math.min(this.#last + 1 - sequence, this.#capacity - from, capacity - to);
      numbers.set(this.#numbers.subarray(from * NUMBERS, (from + count) * NUMBERS), to * NUMBERS);
      ids.set(this.#ids.subarray(from * ID_WORDS, (from + count) * ID_WORDS), to * ID_WORDS);
      for (let at = 0; at < count; at += 1) {
        userIds[to + at] = this.#userIds[from + at] as UserId;
        names[to + at] = this.#names[from + at] as Nickname;
        kinds[to + at] = this.#kinds[from + at] as EntryKind;
      }
      sequence += count;
    }
    [this.#capacity, this.#numbers, this.#ids] = [capacity, numbers, ids];
    [this.#userIds, this.#names, this.#kinds] = [userIds, names, kinds];
    this.#index = new IdIndex(capacity);
    for (let sequence = this.#firstId; sequence <= this.#last; sequence += 1) {
      const place = this.#placeOf(sequence);
      this.#index.add(this.#hashAt(place), place);
    }
  }

  #hashAt(place: number): number {
    return hashOf(this.#ids, place * ID_WORDS, this.#hashKey);
  }

  #isWanted(place: number): boolean {
    for (let at = 0; at < ID_WORDS; at += 1) {
      if (this.#ids[place * ID_WORDS + at] !== wanted[at]) return false;
    }
    return true;
  }

  #idAt(place: number): ClientMessageId {
    const id = new Uint8Array(ID_WORDS * 4);
    for (let at = 0; at < id.length; at += 1) {
      id[at] = (this.#ids[place * ID_WORDS + (at >> 2)] as number) >>> (24 - 8 * (at & 3));
    }
    return id as ClientMessageId;
  }
}

/** The id that is looked for. */
const wanted = new Int32Array(ID_WORDS);

function readWords(id: Uint8Array, into: Int32Array, offset: number): void {
  for (let at = 0; at < ID_WORDS; at += 1) {
    let word = 0;
    for (let byte = 4 * at; byte < 4 * at + 4; byte += 1) word = (word << 8) | (id[byte] as number);
    into[offset + at] = word;
  }
}

function hashOf(words: Int32Array, offset: number, key: number): number {
  let hash = key;
  for (let at = offset; at < offset + ID_WORDS; at += 1) hash = mix(hash ^ (words[at] as number));
  return hash;
}

/** The finaliser of MurmurHash3: every bit of the result hangs on every bit. */
function mix(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 16), 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
  return mixed ^ (mixed >>> 16);
}
