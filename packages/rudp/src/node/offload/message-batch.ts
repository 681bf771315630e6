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
}

/** Messages of one read: more gain little, since a call is then a fiftieth of what its packets cost. */
const messagesMax = 64;
/** Large messages come alone, so that what a read brings stays in the processor's cache … */
const readBytesAimed = 262_144;
/** … and fewer than these are never asked for. */
const messagesMin = 4;

/** No message is longer: UDP_GRO joins up to 64 KiB. */
const payloadBytes = 65_536;
/** Between the beginnings of two payloads: at powers of two all of them would take the same few lines of the cache. */
const payloadStride = payloadBytes + 1_600;

// `struct mmsghdr` and what it points to, on machines with pointers of 64 bits that begin with the lower byte; offsets in words of 32 bits.
const headerWords = 16;
const nameWord = 0;
const nameLengthWord = 2;
const vectorWord = 4;
const vectorCountWord = 6;
const controlWord = 8;
const controlLengthWord = 10;
const flagsWord = 12;
const lengthWord = 14;
const vectorWords = 4;
/** Room for a `struct sockaddr_in6`. */
const nameWords = 8;
const nameBytes = 28;
/** Room for twice what the options of our sockets bring: a time of 32 bytes, a segment size of 24. */
const controlWords = 28;
const bytesPerWord = 4;

/** MSG_TRUNC. */
const truncatedFlag = 0x20;

/** `struct cmsghdr`: length, level and type, then the data; the next one begins at a multiple of 8 bytes. */
const controlHeaderWords = 4;
const levelWord = 2;
const typeWord = 3;
const controlAlignWords = 2;
/** SOL_SOCKET and SCM_TIMESTAMPNS, whose data is a `struct timespec`. */
const socketLevel = 1;
const timeType = 35;
const timeWords = 4;
const nanosecondsWord = 2;

/**
 * Memory for `recvmmsg`: many messages in one call, with their senders and times. It is laid out once and knows its own addresses, so
 * that a read allocates nothing but the view of each message. What the kernel writes is checked against the room for it.
 */
export class MessageBatch implements ReceivedMessages {
  readonly #payloads = new Uint8Array(new ArrayBuffer(messagesMax * payloadStride));
  readonly #words: Uint32Array;
  readonly #names: readonly Uint8Array[];
  readonly #firstControl: number;
  readonly #firstName: number;
  /** Where the headers begin: what `recvmmsg` is told. */
  readonly headers: number;
  #asked = messagesMin;
  /** Headers that the kernel has written to since they were prepared. */
  #written = messagesMax;
  count = 0;
  isFull = false;

  /** `addressOf` tells where the memory of a view begins. */
  constructor(addressOf: (view: Uint8Array | Uint32Array) => number) {
    const firstVector = messagesMax * headerWords;
    this.#firstName = firstVector + messagesMax * vectorWords;
    this.#firstControl = this.#firstName + messagesMax * nameWords;
    this.#words = new Uint32Array(
      new ArrayBuffer((this.#firstControl + messagesMax * controlWords) * bytesPerWord),
    );
    this.headers = addressOf(this.#words);
    const payloads = addressOf(this.#payloads);
    const addressOfWord = (word: number) => this.headers + word * bytesPerWord;
    this.#names = Array.from({ length: messagesMax }, (_, index) => {
      return new Uint8Array(
        this.#words.buffer,
        (this.#firstName + index * nameWords) * bytesPerWord,
        nameBytes,
      );
    });
    for (let index = 0; index < messagesMax; index += 1) {
      const header = index * headerWords;
      const vector = firstVector + index * vectorWords;
      this.#writePointer(header + nameWord, addressOfWord(this.#firstName + index * nameWords));
      this.#writePointer(header + vectorWord, addressOfWord(vector));
      this.#words[header + vectorCountWord] = 1;
      this.#writePointer(header + controlWord, addressOfWord(this.#firstControl + index * controlWords));
      this.#writePointer(vector, payloads + index * payloadStride);
      this.#words[vector + 2] = payloadBytes;
    }
  }

  /** Messages to ask for in the next read. */
  get asked(): number {
    return this.#asked;
  }

  /** To be called before each read: the kernel has written over the sizes of what it may write to. */
  prepare(): void {
    for (let index = 0; index < this.#written; index += 1) {
      this.#words[index * headerWords + nameLengthWord] = nameBytes;
      this.#words[index * headerWords + controlLengthWord] = controlWords * bytesPerWord;
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
    this.#asked = Math.max(messagesMin, Math.min(Math.floor(readBytesAimed / largest), messagesMax));
  }

  bytesOf(index: number): Uint8Array {
    const start = index * payloadStride;
    return this.#payloads.subarray(start, start + this.#lengthOf(index));
  }

  addressOf(index: number): Uint8Array {
    return this.#names[index] as Uint8Array;
  }

  isWhole(index: number): boolean {
    return ((this.#words[index * headerWords + flagsWord] as number) & truncatedFlag) === 0;
  }

  receivedAtWallMs(index: number): number | undefined {
    const words = this.#words;
    const start = this.#firstControl + index * controlWords;
    const bytes = words[index * headerWords + controlLengthWord] as number;
    const end = start + Math.min(controlWords, Math.floor(bytes / bytesPerWord));
    for (let at = start; at + controlHeaderWords <= end; ) {
      const lengthWords = (words[at] as number) / bytesPerWord;
      if (lengthWords < controlHeaderWords || at + lengthWords > end) return undefined;
      const isTime = words[at + levelWord] === socketLevel && words[at + typeWord] === timeType;
      if (isTime && lengthWords >= controlHeaderWords + timeWords) {
        const time = at + controlHeaderWords;
        return (words[time] as number) * 1000 + (words[time + nanosecondsWord] as number) / 1e6;
      }
      at += Math.ceil(lengthWords / controlAlignWords) * controlAlignWords;
    }
    return undefined;
  }

  #lengthOf(index: number): number {
    return Math.min(this.#words[index * headerWords + lengthWord] as number, payloadBytes);
  }

  #writePointer(word: number, address: number): void {
    this.#words[word] = address % 2 ** 32;
    this.#words[word + 1] = Math.floor(address / 2 ** 32);
  }
}
