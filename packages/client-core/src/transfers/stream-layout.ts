import type { ByteRange } from '@parley/protocol';

/** Takes the pieces of a stream for what they are. */
export interface StreamTaker {
  /** Part of the list of chunks. */
  takeList(offset: number, bytes: Uint8Array): void;
  /** Part of the file, with its place in it. */
  takeFile(offset: number, bytes: Uint8Array): void;
}

/** What the bytes of a transfer's stream are: the list of chunks, if it comes, and then the ranges that were asked for. */
// CHAT-CHUNK-3
export class StreamLayout {
  /** Bytes that come before the FIN. */
  readonly totalBytes: number;
  readonly #listBytes: number;
  readonly #ranges: readonly ByteRange[];
  /** Where in the stream each range begins. */
  readonly #streamOffsets: readonly number[];

  constructor(listBytes: number, ranges: readonly ByteRange[]) {
    this.#listBytes = listBytes;
    this.#ranges = ranges;
    const streamOffsets: number[] = [];
    let offset = listBytes;
    for (const { start, end } of ranges) {
      streamOffsets.push(offset);
      offset += end - start;
    }
    this.#streamOffsets = streamOffsets;
    this.totalBytes = offset;
  }

  /** Hands `bytes`, which stand at `offset` of the stream and within its `totalBytes`, to whom they belong. */
  deliver(offset: number, bytes: Uint8Array, taker: StreamTaker): void {
    let position = offset;
    let rest = bytes;
    if (position < this.#listBytes) {
      const piece = rest.subarray(0, this.#listBytes - position);
      taker.takeList(position, piece);
      position += piece.byteLength;
      rest = rest.subarray(piece.byteLength);
    }
    for (let index = this.#rangeAt(position); rest.byteLength > 0; index += 1) {
      const { start, end } = this.#ranges[index] as ByteRange;
      const fileOffset = start + position - (this.#streamOffsets[index] as number);
      const piece = rest.subarray(0, end - fileOffset);
      taker.takeFile(fileOffset, piece);
      position += piece.byteLength;
      rest = rest.subarray(piece.byteLength);
    }
  }

  /** The last range that begins at `position` of the stream or before. */
  #rangeAt(position: number): number {
    let low = 0;
    let high = this.#streamOffsets.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#streamOffsets[middle] as number) <= position) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }
}
