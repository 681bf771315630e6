/** How a file is divided into chunks, each of which has a SHA-256 of its own (CHAT-CHUNK-1). */
import { CHUNK_BYTES_MIN, CHUNKS_MAX } from './limits.ts';

/** A part of a file: the bytes from `start` up to, but without, `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Bytes of each chunk of a file of `size` bytes but the last, which may be shorter. */
// CHAT-CHUNK-1
export function chunkBytesOf(size: number): number {
  let chunkBytes = CHUNK_BYTES_MIN;
  while (Math.ceil(size / chunkBytes) > CHUNKS_MAX) chunkBytes *= 2;
  return chunkBytes;
}

/** How many chunks a file of `size` bytes has: none when it is empty. */
export function chunkCountOf(size: number): number {
  return Math.ceil(size / chunkBytesOf(size));
}

/** What a range is sent as where each digest of a chunk follows its bytes: the parts of it that lie in one chunk each. */
// CHAT-DIGEST-2
export function* piecesOf({ start, end }: ByteRange, size: number): Generator<ByteRange> {
  const chunkBytes = chunkBytesOf(size);
  for (let offset = start; offset < end; ) {
    const chunkEnd = (Math.floor(offset / chunkBytes) + 1) * chunkBytes;
    const pieceEnd = Math.min(end, chunkEnd);
    yield { start: offset, end: pieceEnd };
    offset = pieceEnd;
  }
}

/** What is wrong with a request for these parts of a file of `size` bytes, in words; `undefined` when nothing is. */
// CHAT-CHUNK-5
export function troubleInRanges(ranges: readonly ByteRange[], size: number): string | undefined {
  let previousEnd = 0;
  for (const { start, end } of ranges) {
    if (start >= end) return `the range from ${start} to ${end} holds nothing`;
    if (start < previousEnd) return `the range from ${start} begins before the end of the one before it`;
    if (end > size) return `the range to ${end} goes beyond the ${size} bytes of the file`;
    previousEnd = end;
  }
  return undefined;
}
