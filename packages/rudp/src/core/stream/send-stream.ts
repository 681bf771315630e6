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
    return !this.#lost.isEmpty || this.#sentEnd < Math.min(this.#writtenEnd, this.#maxData);
  }

  /** New bytes are there but the peer's grant is used up. */
  get isFlowControlled(): boolean {
    return this.#lost.isEmpty && this.#sentEnd < this.#writtenEnd && this.#sentEnd >= this.#maxData;
  }

  /** Chooses what to send in at most `lengthMax` bytes: lost bytes first, then new ones. Sets `segmentOffset` and `segmentLength`. */
  // RUDP-SEND-1, RUDP-FLOW-1
  nextSegment(lengthMax: number): boolean {
    if (lengthMax <= 0 || !this.hasSegment) return false;
    if (!this.#lost.isEmpty) {
      this.segmentOffset = this.#lost.startAt(0);
      this.segmentLength = Math.min(lengthMax, this.#lost.endAt(0) - this.segmentOffset);
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
    const isRepeat = this.segmentOffset < this.#sentEnd;
    if (isRepeat) this.#lost.remove(this.segmentOffset, end);
    else this.#sentEnd = end;
    return isRepeat;
  }

  /** A packet with these bytes was acknowledged. */
  onAcknowledged(offset: number, length: number): void {
    const end = offset + length;
    this.#lost.remove(offset, end);
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
    this.#bytes.release(base);
  }

  /** A packet with these bytes was lost, or is being probed for: whatever of them is not acknowledged goes out again. */
  // RUDP-SEND-2
  onLost(offset: number, length: number): void {
    const start = Math.max(offset, this.#base);
    this.#acknowledged.forEachMissing(start, offset + length, (from, to) => this.#lost.add(from, to));
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
