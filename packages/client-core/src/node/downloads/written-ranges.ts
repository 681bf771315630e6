import type { ByteRange } from '@parley/protocol';

/** Less than any datagram carries: a hole that a lost one has left holds at least one such block whole. */
const BLOCK_BYTES = 512;
const zeros = Buffer.alloc(BLOCK_BYTES);

/**
 * What of a part of a file was written, as far as its bytes tell: a hole reads as zeros, so a block of zeros counts as one, together with
 * the zeros around it. `offset` is the place of `bytes` in the file.
 */
export function writtenRanges(bytes: Uint8Array, offset: number): ByteRange[] {
  const ranges: ByteRange[] = [];
  let start = 0;
  const close = (end: number): void => {
    if (start < end) ranges.push({ start: offset + start, end: offset + end });
  };
  for (let at = 0; at < bytes.byteLength; at += BLOCK_BYTES) {
    const block = bytes.subarray(at, at + BLOCK_BYTES);
    if (Buffer.compare(block, zeros.subarray(0, block.byteLength)) !== 0) continue;
    let holeStart = at;
    while (holeStart > start && bytes[holeStart - 1] === 0) holeStart -= 1;
    close(holeStart);
    start = at + block.byteLength;
    while (start < bytes.byteLength && bytes[start] === 0) start += 1;
    at = start - (start % BLOCK_BYTES);
  }
  close(bytes.byteLength);
  return ranges;
}
