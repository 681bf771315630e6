/** What one read has brought; valid until the next one. */
export interface ReceivedMessages {
  /** 0 when nothing waited, −1 for a failure. */
  readonly count: number;
  /** It has brought as many messages as it had room for: more may wait. */
  readonly isFull: boolean;
  /** The datagrams of message `index`, back to back where the kernel has joined them. */
  bytesOf(index: number): Uint8Array;
  /** Who sent it, as the C library lays it out. */
  addressOf(index: number): Uint8Array;
  /** False when a part of it is missing, because it was longer than the room for it. */
  isWhole(index: number): boolean;
  /** When the kernel received it, in milliseconds on the wall's clock; undefined where that is not told. */
  receivedAtWallMs(index: number): number | undefined;
  /** The size of its datagrams, of which only the last may be shorter; undefined where that is not known. */
  segmentBytesOf(index: number): number | undefined;
}

/** Messages of one read: more gain little, since a call is then a fiftieth of what its packets cost. */
const MESSAGES_MAX = 64;
/** Large messages come alone, so that what a read brings stays in the processor's cache … */
const READ_BYTES_AIMED = 262_144;
/** … and fewer than these are never asked for. */
const MESSAGES_MIN = 4;

/** No message is longer: UDP_GRO joins up to 64 KiB. */
const PAYLOAD_BYTES = 65_536;
/** Between the beginnings of two payloads: at powers of two all of them would take the same few lines of the cache. */
const PAYLOAD_STRIDE = PAYLOAD_BYTES + 1_600;

// `struct mmsghdr` and what it points to, on machines with pointers of 64 bits that begin with the lower byte; offsets in words of 32 bits.
const HEADER_WORDS = 16;
const NAME_WORD = 0;
const NAME_LENGTH_WORD = 2;
const VECTOR_WORD = 4;
const VECTOR_COUNT_WORD = 6;
const CONTROL_WORD = 8;
const CONTROL_LENGTH_WORD = 10;
const FLAGS_WORD = 12;
const LENGTH_WORD = 14;
const VECTOR_WORDS = 4;
/** Room for a `struct sockaddr_in6`. */
const NAME_WORDS = 8;
const NAME_BYTES = 28;
/** Room for twice what the options of our sockets bring: a time of 32 bytes, a segment size of 24. */
const CONTROL_WORDS = 28;
const BYTES_PER_WORD = 4;

/** MSG_TRUNC. */
const TRUNCATED_FLAG = 0x20;
/** MSG_CTRUNC: control messages are missing. */
const CONTROL_TRUNCATED_FLAG = 0x08;

/** `struct cmsghdr`: length, level and type, then the data; the next one begins at a multiple of 8 bytes. */
const CONTROL_HEADER_WORDS = 4;
const LEVEL_WORD = 2;
const TYPE_WORD = 3;
const CONTROL_ALIGN_WORDS = 2;
/** SOL_SOCKET and SCM_TIMESTAMPNS, whose data is a `struct timespec`. */
const SOCKET_LEVEL = 1;
const TIME_TYPE = 35;
const TIME_WORDS = 4;
const NANOSECONDS_WORD = 2;
/** SOL_UDP and UDP_GRO, whose data is an `int`: there when datagrams were joined. */
const UDP_LEVEL = 17;
const SEGMENT_SIZE_TYPE = 104;
const SEGMENT_SIZE_WORDS = 1;

/**
 * Memory for `recvmmsg`: many messages in one call, with their senders and times. It is laid out once and knows its own addresses, so
 * that a read allocates nothing but the view of each message. What the kernel writes is checked against the room for it.
 */
export class MessageBatch implements ReceivedMessages {
  readonly #payloads = new Uint8Array(new ArrayBuffer(MESSAGES_MAX * PAYLOAD_STRIDE));
  readonly #words: Uint32Array;
  readonly #names: readonly Uint8Array[];
  readonly #firstControl: number;
  readonly #firstName: number;
  /** Where the headers begin: what `recvmmsg` is told. */
  readonly headers: number;
  #asked = MESSAGES_MIN;
  /** Headers that the kernel has written to since they were prepared. */
  #written = MESSAGES_MAX;
  count = 0;
  isFull = false;

  /** `addressOf` tells where the memory of a view begins. */
  constructor(addressOf: (view: Uint8Array | Uint32Array) => number) {
    const firstVector = MESSAGES_MAX * HEADER_WORDS;
    this.#firstName = firstVector + MESSAGES_MAX * VECTOR_WORDS;
    this.#firstControl = this.#firstName + MESSAGES_MAX * NAME_WORDS;
    this.#words = new Uint32Array(
      new ArrayBuffer((this.#firstControl + MESSAGES_MAX * CONTROL_WORDS) * BYTES_PER_WORD),
    );
    this.headers = addressOf(this.#words);
    const payloads = addressOf(this.#payloads);
    const addressOfWord = (word: number) => this.headers + word * BYTES_PER_WORD;
    this.#names = Array.from({ length: MESSAGES_MAX }, (_, index) => {
      return new Uint8Array(
        this.#words.buffer,
        (this.#firstName + index * NAME_WORDS) * BYTES_PER_WORD,
        NAME_BYTES,
      );
    });
    for (let index = 0; index < MESSAGES_MAX; index += 1) {
      const header = index * HEADER_WORDS;
      const vector = firstVector + index * VECTOR_WORDS;
      this.#writePointer(header + NAME_WORD, addressOfWord(this.#firstName + index * NAME_WORDS));
      this.#writePointer(header + VECTOR_WORD, addressOfWord(vector));
      this.#words[header + VECTOR_COUNT_WORD] = 1;
      this.#writePointer(header + CONTROL_WORD, addressOfWord(this.#firstControl + index * CONTROL_WORDS));
      this.#writePointer(vector, payloads + index * PAYLOAD_STRIDE);
      this.#words[vector + 2] = PAYLOAD_BYTES;
    }
  }

  /** Messages to ask for in the next read. */
  get asked(): number {
    return this.#asked;
  }

  /** To be called before each read: the kernel has written over the sizes of what it may write to. */
  prepare(): void {
    for (let index = 0; index < this.#written; index += 1) {
      this.#words[index * HEADER_WORDS + NAME_LENGTH_WORD] = NAME_BYTES;
      this.#words[index * HEADER_WORDS + CONTROL_LENGTH_WORD] = CONTROL_WORDS * BYTES_PER_WORD;
    }
    this.#written = 0;
  }

  /** To be called after each read, with the number of messages that it brought, or what `count` tells besides. */
  settle(count: number): void {
    this.count = count;
    this.#written = Math.max(0, count);
    this.isFull = count === this.#asked;
    if (count <= 0) return;
    let largest = 1;
    for (let index = 0; index < count; index += 1) largest = Math.max(largest, this.#lengthOf(index));
    this.#asked = Math.max(MESSAGES_MIN, Math.min(Math.floor(READ_BYTES_AIMED / largest), MESSAGES_MAX));
  }

  bytesOf(index: number): Uint8Array {
    const start = index * PAYLOAD_STRIDE;
    return this.#payloads.subarray(start, start + this.#lengthOf(index));
  }

  addressOf(index: number): Uint8Array {
    return this.#names[index] as Uint8Array;
  }

  isWhole(index: number): boolean {
    return ((this.#words[index * HEADER_WORDS + FLAGS_WORD] as number) & TRUNCATED_FLAG) === 0;
  }

  receivedAtWallMs(index: number): number | undefined {
    const time = this.#findControl(index, SOCKET_LEVEL, TIME_TYPE, TIME_WORDS);
    if (time === undefined) return undefined;
    return (this.#words[time] as number) * 1000 + (this.#words[time + NANOSECONDS_WORD] as number) / 1e6;
  }

  segmentBytesOf(index: number): number | undefined {
    const size = this.#findControl(index, UDP_LEVEL, SEGMENT_SIZE_TYPE, SEGMENT_SIZE_WORDS);
    if (size !== undefined) return this.#words[size] || undefined;
    const isCut = ((this.#words[index * HEADER_WORDS + FLAGS_WORD] as number) & CONTROL_TRUNCATED_FLAG) !== 0;
    return isCut ? undefined : this.#lengthOf(index);
  }

  /** Where the data of a control message begins, in words; undefined when there is none with so many words of data. */
  #findControl(index: number, level: number, type: number, dataWords: number): number | undefined {
    const words = this.#words;
    const start = this.#firstControl + index * CONTROL_WORDS;
    const bytes = words[index * HEADER_WORDS + CONTROL_LENGTH_WORD] as number;
    const end = start + Math.min(CONTROL_WORDS, Math.floor(bytes / BYTES_PER_WORD));
    for (let at = start; at + CONTROL_HEADER_WORDS <= end; ) {
      const lengthWords = (words[at] as number) / BYTES_PER_WORD;
      if (lengthWords < CONTROL_HEADER_WORDS || at + lengthWords > end) return undefined;
      const isWanted = words[at + LEVEL_WORD] === level && words[at + TYPE_WORD] === type;
      if (isWanted && lengthWords >= CONTROL_HEADER_WORDS + dataWords) return at + CONTROL_HEADER_WORDS;
      at += Math.ceil(lengthWords / CONTROL_ALIGN_WORDS) * CONTROL_ALIGN_WORDS;
    }
    return undefined;
  }

  #lengthOf(index: number): number {
    return Math.min(this.#words[index * HEADER_WORDS + LENGTH_WORD] as number, PAYLOAD_BYTES);
  }

  #writePointer(word: number, address: number): void {
    this.#words[word] = address % 2 ** 32;
    this.#words[word + 1] = Math.floor(address / 2 ** 32);
  }
}
