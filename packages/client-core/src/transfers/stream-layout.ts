import { type ByteRange, chunkBytesOf, DIGESTS_TRAILER_BYTES, SHA256_BYTES } from '@parley/protocol';

/** Takes the pieces of a stream for what they are. */
export interface StreamTaker {
  /** Part of the list of chunks. */
  takeList(offset: number, bytes: Uint8Array): void;
  /** Part of the file, with its place in it. */
  takeFile(offset: number, bytes: Uint8Array): void;
  /** Part of the digest of a chunk, with its place in that; `piece` is the place in the stream of what it stands behind. */
  takeChunkHash(
    chunk: { readonly index: number; readonly piece: number },
    offset: number,
    bytes: Uint8Array,
  ): void;
  /** Part of what ends a stream with such digests. */
  takeTrailer(offset: number, bytes: Uint8Array): void;
}

/** What the bytes of a transfer's stream are. */
export interface StreamLayout {
  /** Bytes that come before the FIN. */
  readonly totalBytes: number;
  /** Hands `bytes`, which stand at `offset` of the stream and within its `totalBytes`, to whom they belong. */
  deliver(offset: number, bytes: Uint8Array, taker: StreamTaker): void;
}

/** The list of chunks, if it comes, and then the ranges that were asked for. */
// CHAT-CHUNK-3
export class ListedLayout implements StreamLayout {
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

  deliver(offset: number, bytes: Uint8Array, taker: StreamTaker): void {
    let position = offset;
    let rest = bytes;
    if (position < this.#listBytes) {
      const piece = rest.subarray(0, this.#listBytes - position);
      taker.takeList(position, piece);
      position += piece.byteLength;
      rest = rest.subarray(piece.byteLength);
    }
    for (let index = rangeAt(this.#streamOffsets, position); rest.byteLength > 0; index += 1) {
      const { start, end } = this.#ranges[index] as ByteRange;
      const fileOffset = start + position - (this.#streamOffsets[index] as number);
      const piece = rest.subarray(0, end - fileOffset);
      taker.takeFile(fileOffset, piece);
      position += piece.byteLength;
      rest = rest.subarray(piece.byteLength);
    }
  }
}

/** The part of a range that lies in one chunk, and where in the stream it begins. */
interface Piece extends ByteRange {
  readonly streamOffset: number;
}

/** The ranges that were asked for, behind each piece of a chunk its digest, and at the end what is known of the whole. */
// CHAT-DIGEST-2
export class FollowingLayout implements StreamLayout {
  readonly totalBytes: number;
  readonly #chunkBytes: number;
  readonly #ranges: readonly ByteRange[];
  readonly #streamOffsets: readonly number[];
  readonly #trailerOffset: number;

  constructor(size: number, ranges: readonly ByteRange[]) {
    this.#chunkBytes = chunkBytesOf(size);
    this.#ranges = ranges;
    const streamOffsets: number[] = [];
    let offset = 0;
    for (const { start, end } of ranges) {
      streamOffsets.push(offset);
      const pieces = Math.ceil(end / this.#chunkBytes) - Math.floor(start / this.#chunkBytes);
      offset += end - start + pieces * SHA256_BYTES;
    }
    this.#streamOffsets = streamOffsets;
    this.#trailerOffset = offset;
    this.totalBytes = offset + DIGESTS_TRAILER_BYTES;
  }

  deliver(offset: number, bytes: Uint8Array, taker: StreamTaker): void {
    let position = offset;
    let rest = bytes;
    while (rest.byteLength > 0 && position < this.#trailerOffset) {
      const { start, end, streamOffset } = this.#pieceAt(position);
      const hashOffset = streamOffset + end - start;
      const stop = position < hashOffset ? hashOffset : hashOffset + SHA256_BYTES;
      const part = rest.subarray(0, stop - position);
      if (position < hashOffset) taker.takeFile(start + position - streamOffset, part);
      else {
        const index = Math.floor(start / this.#chunkBytes);
        taker.takeChunkHash({ index, piece: streamOffset }, position - hashOffset, part);
      }
      position += part.byteLength;
      rest = rest.subarray(part.byteLength);
    }
    if (rest.byteLength > 0) taker.takeTrailer(position - this.#trailerOffset, rest);
  }

  #pieceAt(position: number): Piece {
    const index = rangeAt(this.#streamOffsets, position);
    const { start, end } = this.#ranges[index] as ByteRange;
    const streamOffset = this.#streamOffsets[index] as number;
    const secondStart = (Math.floor(start / this.#chunkBytes) + 1) * this.#chunkBytes;
    // Only the first piece of a range may begin inside of its chunk.
    const secondOffset = streamOffset + secondStart - start + SHA256_BYTES;
    if (secondStart >= end || position < secondOffset) {
      return { start, end: Math.min(end, secondStart), streamOffset };
    }
    const stepBytes = this.#chunkBytes + SHA256_BYTES;
    const steps = Math.floor((position - secondOffset) / stepBytes);
    const pieceStart = secondStart + steps * this.#chunkBytes;
    return {
      start: pieceStart,
      end: Math.min(end, pieceStart + this.#chunkBytes),
      streamOffset: secondOffset + steps * stepBytes,
    };
  }
}

/** The last range that begins at `position` of the stream or before. */
function rangeAt(streamOffsets: readonly number[], position: number): number {
  let low = 0;
  let high = streamOffsets.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((streamOffsets[middle] as number) <= position) low = middle + 1;
    else high = middle;
  }
  return Math.max(0, low - 1);
}
