import { type AllocateBytes, BlockBuffer } from '../structures/block-buffer.ts';
import { RangeSet } from '../structures/range-set.ts';

/** Congestion windows that the buffer holds. */
const WINDOWS_HELD = 3;
/**
 * The same on a path that loses more than a packet in a hundred: everything behind a hole stays until it is filled, a round trip
 * for each time that its repeat is lost too, and in a window of thousands of packets one is lost three times in a row.
 */
const WINDOWS_HELD_LOSSY = 8;
/** Bytes that a writer may always have buffered. */
const BUFFER_BYTES_MIN = 1 << 18;
/**
 * Beyond that, what was never sent is at most what leaves in this time: enough for a writer that is late, and no more that
 * must be copied before the first of it leaves, and is cold when it does.
 */
const UNSENT_SECONDS = 0.05;
/** Copies of what was lost twice take at most this part of what was sent: 1/400 where 5 % are lost, and all of it above 17 %. */
const COPIED_PART_MAX = 1 / 32;
/** The same for the end of the stream, where all that was lost is copied. */
const COPIED_AT_END_PART_MAX = 1 / 64;

/**
 * Has the bytes of a stream, in order: what a file's sender gives instead of writing. They are read right before they leave, into the
 * memory that packets are made from.
 */
export interface StreamSource {
  /**
   * Puts the next bytes at the start of `target`, which is valid during the call only. Returns their count; 0 when there are none now,
   * until it is said that there are; undefined behind the last one, where the FIN follows.
   */
  read(target: Uint8Array): number | undefined;
}

/**
 * The sending half of the stream: a sliding window over the bytes that were written and are not yet acknowledged.
 * Selective repeat: what is lost goes out again, alone; what is acknowledged out of order is never sent twice.
 */
export class SendStream {
  readonly #bytes: BlockBuffer;
  /** The window's base: everything before it is acknowledged. */
  #base = 0;
  readonly #bufferBytesMax: number;
  #bufferBytes = BUFFER_BYTES_MIN;
  #unsentBytesMax = BUFFER_BYTES_MIN;
  /** Bytes above the window's base that are acknowledged. */
  readonly #acknowledged = new RangeSet();
  /** Bytes to send again. */
  readonly #lost = new RangeSet();
  /** Bytes that were sent again and are not acknowledged. */
  readonly #repeated = new RangeSet();
  /** Bytes to send once more behind those that are lost. */
  readonly #copies = new RangeSet();
  #copiedBytes = 0;
  #source: StreamSource | undefined;
  /** The source had nothing when it was asked last. */
  #isSourceDry = false;
  #writtenEnd = 0;
  #sentEnd = 0;
  #maxData: number;
  #isFinWanted = false;
  #fin: 'unsent' | 'outstanding' | 'lost' | 'acknowledged' = 'unsent';

  /** Offset and length of the segment that `nextSegment` chose. */
  segmentOffset = 0;
  segmentLength = 0;

  constructor(options: {
    readonly bufferBytesMax: number;
    readonly initialMaxData: number;
    readonly allocate?: AllocateBytes | undefined;
  }) {
    this.#bytes = new BlockBuffer(options.allocate);
    this.#bufferBytesMax = options.bufferBytesMax;
    this.fitTo({ congestionWindow: 0, pacingRate: 0 }, { isLossy: false });
    this.#maxData = options.initialMaxData;
  }

  /** Bytes that `write` would take now. */
  get room(): number {
    if (this.#isFinWanted) return 0;
    const room = this.#bufferBytes - (this.#writtenEnd - this.#base);
    return Math.max(0, Math.min(room, this.#unsentBytesMax - (this.#writtenEnd - this.#sentEnd)));
  }

  /**
   * Lets the buffer hold some windows: what is in flight, what waits behind a hole, and what to go on with. The rate is in bytes
   * per second.
   */
  fitTo(
    { congestionWindow, pacingRate }: { readonly congestionWindow: number; readonly pacingRate: number },
    { isLossy }: { readonly isLossy: boolean },
  ): void {
    const windows = isLossy ? WINDOWS_HELD_LOSSY : WINDOWS_HELD;
    const heldBytes = Math.max(BUFFER_BYTES_MIN, Math.floor(windows * congestionWindow));
    this.#bufferBytes = Math.min(this.#bufferBytesMax, heldBytes);
    this.#unsentBytesMax = Math.max(BUFFER_BYTES_MIN, Math.floor(UNSENT_SECONDS * pacingRate));
  }

  /** Bytes written so far. */
  get writtenBytes(): number {
    return this.#writtenEnd;
  }

  /** Bytes acknowledged without a gap. */
  get acknowledgedBytes(): number {
    return this.#base;
  }

  /** Memory that the buffer takes. */
  get bufferBytesHeld(): number {
    return this.#bytes.capacity;
  }

  /** Copies as much of `bytes` as there is room for and returns the count. */
  write(bytes: Uint8Array): number {
    const taken = Math.min(bytes.length, this.room);
    if (taken <= 0) return 0;
    this.#bytes.write(this.#writtenEnd, taken === bytes.length ? bytes : bytes.subarray(0, taken));
    this.#writtenEnd += taken;
    return taken;
  }

  /** From now on bytes come from `source`, which has some: it is asked when they can leave. */
  sendFrom(source: StreamSource): void {
    this.#source = source;
    this.#isSourceDry = false;
  }

  /** Has `bytes` that were never sent ready to leave, if the source has them and the buffer has room. */
  refill(bytes: number): void {
    const source = this.#source;
    if (source === undefined) return;
    while (this.#writtenEnd - this.#sentEnd < bytes && !this.#isSourceDry && this.room > 0)
      this.#pull(source);
  }

  get #isSourceFlowing(): boolean {
    return this.#source !== undefined && !this.#isSourceDry;
  }

  #pull(source: StreamSource): void {
    const count = source.read(this.#bytes.lend(this.#writtenEnd));
    if (count === undefined) this.finish();
    else this.#writtenEnd += count;
    if (count !== undefined && count > 0) return;
    this.#isSourceDry = true;
    this.#bytes.release(this.#base);
  }

  /** No more bytes will be written: a FIN follows the last one. */
  finish(): void {
    this.#isFinWanted = true;
  }

  get isFinishing(): boolean {
    return this.#isFinWanted;
  }

  /** The peer grants more; older grants that arrive late change nothing. */
  // RUDP-FLOW-2
  onMaxData(maxData: number): void {
    this.#maxData = Math.max(this.#maxData, maxData);
  }

  /** Something is lost, or new bytes are there and granted. */
  get hasSegment(): boolean {
    return !this.#repeats.isEmpty || this.#sentEnd < Math.min(this.#writtenEnd, this.#maxData);
  }

  /** New bytes are there but the peer's grant is used up. */
  get isFlowControlled(): boolean {
    return this.#repeats.isEmpty && this.#sentEnd < this.#writtenEnd && this.#sentEnd >= this.#maxData;
  }

  /** What goes out again next: what is lost, then copies. */
  get #repeats(): RangeSet {
    return this.#lost.isEmpty ? this.#copies : this.#lost;
  }

  /** Chooses what to send in at most `lengthMax` bytes: lost bytes first, then copies, then new ones. Sets `segmentOffset` and `segmentLength`. */
  // RUDP-SEND-1, RUDP-SEND-3, RUDP-FLOW-1
  nextSegment(lengthMax: number): boolean {
    if (lengthMax <= 0 || !this.hasSegment) return false;
    const repeats = this.#repeats;
    if (!repeats.isEmpty) {
      this.segmentOffset = repeats.startAt(0);
      this.segmentLength = Math.min(lengthMax, repeats.endAt(0) - this.segmentOffset);
      return true;
    }
    this.segmentOffset = this.#sentEnd;
    this.segmentLength = Math.min(lengthMax, this.#writtenEnd - this.#sentEnd, this.#maxData - this.#sentEnd);
    return true;
  }

  /** Copies the chosen segment to `target[at…]` and counts it as sent; returns true when its bytes had been sent before. */
  takeSegment(target: Uint8Array, at: number): boolean {
    const end = this.segmentOffset + this.segmentLength;
    this.#bytes.read(this.segmentOffset, this.segmentLength, target, at);
    const repeats = this.#repeats;
    if (!repeats.isEmpty) {
      repeats.remove(this.segmentOffset, end);
      this.#repeated.add(this.segmentOffset, end);
      return true;
    }
    this.#sentEnd = end;
    return false;
  }

  /** A packet with these bytes was acknowledged. */
  onAcknowledged(offset: number, length: number): void {
    const end = offset + length;
    this.#lost.remove(offset, end);
    this.#repeated.remove(offset, end);
    this.#copies.remove(offset, end);
    if (offset <= this.#base) {
      this.#advance(end);
      return;
    }
    this.#acknowledged.add(offset, end);
  }

  #advance(end: number): void {
    let base = Math.max(this.#base, end);
    while (!this.#acknowledged.isEmpty && this.#acknowledged.startAt(0) <= base) {
      base = Math.max(base, this.#acknowledged.endAt(0));
      this.#acknowledged.removeFirst();
    }
    this.#base = base;
    this.#bytes.release(base, this.#isSourceFlowing);
  }

  /** A packet with these bytes was lost, or is being probed for: whatever of them is not acknowledged goes out again. */
  // RUDP-SEND-2
  onLost(offset: number, length: number): void {
    const start = Math.max(offset, this.#base);
    this.#acknowledged.forEachMissing(start, offset + length, (from, to) => {
      this.#lost.add(from, to);
      this.#copy(from, to);
    });
  }

  /** Another round trip for a repeat costs most where it is the second one already, or where nothing else is left to send: it goes out in two packets. */
  // RUDP-SEND-3
  #copy(from: number, to: number): void {
    const isAtEnd = this.#isFinWanted && this.#sentEnd === this.#writtenEnd;
    const atEndPartMax = isAtEnd ? COPIED_AT_END_PART_MAX : 0;
    const partMax = this.#repeated.has(from) ? COPIED_PART_MAX : atEndPartMax;
    if (this.#copiedBytes + (to - from) > partMax * this.#sentEnd) return;
    this.#copiedBytes += to - from;
    this.#copies.add(from, to);
  }

  /** The FIN is due: every byte has been sent at least once and it is not in flight. */
  // RUDP-CLOSE-1
  get isFinDue(): boolean {
    return this.isFinWithin(0);
  }

  /** The FIN waits behind at most so many bytes that were never sent, all of them granted: one packet may take both. */
  isFinWithin(bytes: number): boolean {
    const isUnsent = this.#fin === 'unsent' || this.#fin === 'lost';
    const isGranted = this.#writtenEnd <= Math.max(this.#sentEnd, this.#maxData);
    return this.#isFinWanted && isUnsent && isGranted && this.#writtenEnd - this.#sentEnd <= bytes;
  }

  /** The FIN has left at least once. */
  get isFinSent(): boolean {
    return this.#fin !== 'unsent';
  }

  onFinSent(): void {
    this.#fin = 'outstanding';
  }

  onFinLost(): void {
    if (this.#fin === 'outstanding') this.#fin = 'lost';
  }

  onFinAcknowledged(): void {
    this.#fin = 'acknowledged';
  }

  /** The FIN and every byte before it are acknowledged. */
  get isFinished(): boolean {
    return this.#fin === 'acknowledged' && this.#base === this.#writtenEnd;
  }
}
