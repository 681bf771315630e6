import { REASSEMBLY_RANGES_MAX } from '../limits.ts';
import { ProtocolViolationError, ResetCode } from '../states/connection-end.ts';
import { type AllocateBytes, BlockBuffer } from '../structures/block-buffer.ts';
import { RangeSet } from '../structures/range-set.ts';

/** Takes stream bytes at their offsets, in any order, each byte once. `bytes` is valid during the call only. */
export interface PositionalSink {
  write(offset: number, bytes: Uint8Array): void;
}

/**
 * The receiving half of the stream: a sliding window that keeps what arrives out of order. In ordered mode the bytes wait
 * in memory until they are read; in positional mode they go to a sink at once, so that holes cost no memory.
 */
export class ReceiveStream {
  readonly #allocate: AllocateBytes | undefined;
  #buffer: BlockBuffer;
  readonly #received = new RangeSet();
  #sink: PositionalSink | undefined;
  #readOffset = 0;
  #highestEnd = 0;
  #contiguousEnd = 0;
  #finalSize: number | undefined;

  constructor(allocate?: AllocateBytes) {
    this.#allocate = allocate;
    this.#buffer = new BlockBuffer(allocate);
  }

  /** Bytes that arrived without a gap. */
  get contiguousBytes(): number {
    return this.#contiguousEnd;
  }

  /** Behind the highest byte that arrived. */
  get highestEnd(): number {
    return this.#highestEnd;
  }

  /** Total size of the stream, known when the FIN has arrived. */
  get finalSize(): number | undefined {
    return this.#finalSize;
  }

  /** In-order bytes that wait to be read; always 0 in positional mode. */
  get readableBytes(): number {
    return this.#sink === undefined ? this.#contiguousEnd - this.#readOffset : 0;
  }

  /** Memory that the buffer takes; none in positional mode. */
  get bufferBytesHeld(): number {
    return this.#buffer.capacity;
  }

  /** Ranges of received bytes that are remembered, the one at the start included. */
  get rangeCount(): number {
    return this.#received.count;
  }

  /** Every byte up to the FIN has arrived. */
  get isComplete(): boolean {
    return this.#finalSize !== undefined && this.#contiguousEnd === this.#finalSize;
  }

  /** Every byte up to the FIN has been read, or given to the sink. */
  get isRead(): boolean {
    return this.isComplete && this.readableBytes === 0;
  }

  /** Offset up to which the reader needs nothing more: credit is granted from here. */
  get consumedEnd(): number {
    // Holes cost a positional sink no memory, so they do not hold the window back.
    return this.#sink === undefined ? this.#readOffset : this.#highestEnd;
  }

  /** Switches to positional mode; what already arrived is handed over first. */
  receiveInto(sink: PositionalSink): void {
    this.#sink = sink;
    for (let index = 0; index < this.#received.count; index += 1) {
      const end = this.#received.endAt(index);
      for (let offset = Math.max(this.#received.startAt(index), this.#readOffset); offset < end; ) {
        const bytes = this.#buffer.take(offset, end);
        sink.write(offset, bytes);
        offset += bytes.length;
      }
    }
    this.#buffer = new BlockBuffer(this.#allocate);
  }

  /**
   * Takes a segment. Returns false when it must be dropped because it would make one hole too many to remember; throws
   * `ProtocolViolationError` when it lies above `maxData` or behind the final size.
   */
  // RUDP-RECV-1, RUDP-FLOW-3
  handleSegment(offset: number, bytes: Uint8Array, maxData: number): boolean {
    const end = offset + bytes.length;
    if (end > maxData) {
      throw new ProtocolViolationError(
        ResetCode.flowControlExceeded,
        `stream bytes up to ${end} exceed the grant of ${maxData}`,
      );
    }
    if (this.#finalSize !== undefined && end > this.#finalSize) {
      throw new ProtocolViolationError(
        ResetCode.finalSizeChanged,
        `stream bytes up to ${end} behind the final size ${this.#finalSize}`,
      );
    }
    if (end <= this.#contiguousEnd || bytes.length === 0) return true;
    if (offset > this.#contiguousEnd && this.#received.count >= REASSEMBLY_RANGES_MAX) return false;
    const start = Math.max(offset, this.#contiguousEnd);
    if (offset >= this.#highestEnd) this.#deliver(offset, bytes);
    else this.#deliverMissing(offset, bytes, start);
    this.#received.add(start, end);
    this.#highestEnd = Math.max(this.#highestEnd, end);
    this.#advance();
    return true;
  }

  /** Delivers what is new of a segment that reaches back over bytes that may have arrived. */
  #deliverMissing(offset: number, bytes: Uint8Array, start: number): void {
    this.#received.forEachMissing(start, offset + bytes.length, (from, to) =>
      this.#deliver(from, bytes.subarray(from - offset, to - offset)),
    );
  }

  #deliver(offset: number, bytes: Uint8Array): void {
    if (this.#sink === undefined) this.#buffer.write(offset, bytes);
    else this.#sink.write(offset, bytes);
  }

  #advance(): void {
    if (this.#received.isEmpty || this.#received.startAt(0) > this.#contiguousEnd) return;
    this.#contiguousEnd = this.#received.endAt(0);
  }

  /** Takes the final size; throws `ProtocolViolationError` when it contradicts what is known. */
  // RUDP-CLOSE-2
  handleFin(finalSize: number): void {
    if (this.#finalSize !== undefined && this.#finalSize !== finalSize) {
      throw new ProtocolViolationError(
        ResetCode.finalSizeChanged,
        `final size ${this.#finalSize} became ${finalSize}`,
      );
    }
    if (finalSize < this.#highestEnd) {
      throw new ProtocolViolationError(
        ResetCode.finalSizeChanged,
        `final size ${finalSize} below received byte ${this.#highestEnd}`,
      );
    }
    this.#finalSize = finalSize;
  }

  /** Copies in-order bytes into `target` and returns their count. */
  read(target: Uint8Array): number {
    const count = Math.min(target.length, this.readableBytes);
    const end = this.#readOffset + count;
    for (let at = 0; at < count; ) {
      const bytes = this.#take(end);
      target.set(bytes, at);
      at += bytes.length;
    }
    return count;
  }

  /** In-order bytes without a copy, as many as lie in one piece; they are the caller's. Undefined when none wait. */
  readChunk(): Uint8Array | undefined {
    return this.readableBytes === 0 ? undefined : this.#take(this.#contiguousEnd);
  }

  #take(end: number): Uint8Array {
    const bytes = this.#buffer.take(this.#readOffset, end);
    this.#readOffset += bytes.length;
    return bytes;
  }
}
