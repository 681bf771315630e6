import { createHash } from 'node:crypto';
import { utimesSync } from 'node:fs';
import { type ByteRange, CHUNK_BYTES_MIN as CHUNK, piecesOf } from '@parley/protocol';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ChunkHasher, type FileDigests } from '../../src/node/hashing/chunk-hasher.ts';
import { HashProgress } from '../../src/node/hashing/hash-progress.ts';
import { FollowingContent } from '../../src/node/transfers/following-content.ts';
import type { TransferOffer } from '../../src/transfers/transfer-host.ts';
import { makeOffer, patternBytes } from './support.ts';

const SIZE = 3 * CHUNK + 1_000;
const bytes = patternBytes(SIZE);
const digests = digestsOf(bytes);

function digestsOf(content: Uint8Array): FileDigests {
  const hasher = new ChunkHasher(content.byteLength);
  hasher.update(content);
  return hasher.digest();
}

function hashOf(index: number): Uint8Array {
  return createHash('sha256')
    .update(bytes.subarray(index * CHUNK, (index + 1) * CHUNK))
    .digest();
}

/** Everything that is sent, read with a buffer of so many bytes. */
function readAll(offer: TransferOffer, bufferBytes: number): Buffer {
  const content = new FollowingContent(offer, offer.following ?? { progress: undefined }, undefined);
  onTestFinished(() => content.close());
  content.open();
  const buffer = Buffer.alloc(Math.min(bufferBytes, content.bufferBytes));
  const parts: Buffer[] = [];
  for (let part = content.read(buffer); part !== undefined; part = content.read(buffer))
    parts.push(Buffer.from(part));
  const stream = Buffer.concat(parts);
  const sentBytes = offer.ranges.reduce((sum, { start, end }) => sum + end - start, 0);
  expect(stream.byteLength).toBe(sentBytes + content.overheadBytes);
  return stream;
}

function expected(ranges: readonly ByteRange[], trailer: Uint8Array): Buffer {
  const parts: Uint8Array[] = [];
  for (const range of ranges) {
    for (const { start, end } of piecesOf(range, SIZE)) {
      parts.push(bytes.subarray(start, end), hashOf(Math.floor(start / CHUNK)));
    }
  }
  return Buffer.concat([...parts, trailer]);
}

// CHAT-DIGEST-2
describe('a file whose digests go with its bytes', () => {
  const ranges = [
    { start: 5, end: 9 },
    { start: 20, end: CHUNK + 1 },
    { start: 3 * CHUNK - 1, end: SIZE },
  ];

  test.each([4_096, 65_536])(
    'is sent with the digest of its chunk behind each piece, %i bytes at a time',
    (bufferBytes) => {
      const offer = makeOffer(bytes, { ranges });
      expect(readAll(offer, bufferBytes).equals(expected(ranges, Buffer.alloc(64)))).toBe(true);
    },
  );

  test('is sent with the digests that another reading finds, and what that one knows of the whole at the end', () => {
    const progress = HashProgress.of(SIZE);
    const offer = makeOffer(bytes, { ranges, following: { progress: progress.shared } });
    // Told from what this reading would find.
    const other = new Uint8Array(32).fill(7);
    progress.note(0, other);
    const stream = readAll(offer, 65_536);
    expect(stream.subarray(4, 36).equals(other)).toBe(true);
    expect(stream.subarray(-64).equals(Buffer.alloc(64))).toBe(true);
    for (const index of [1, 2, 3]) progress.note(index, hashOf(index));
    progress.finish(digests);
    expect(readAll(offer, 65_536).subarray(-64)).toEqual(Buffer.concat([digests.sha256, digests.chunkRoot]));
  });

  // CHAT-TRANSFER-10
  test('is not sent to its end when it has changed', () => {
    const offer = makeOffer(bytes);
    const content = new FollowingContent(offer, { progress: undefined }, undefined);
    onTestFinished(() => content.close());
    content.open();
    const buffer = Buffer.alloc(content.bufferBytes);
    content.read(buffer);
    utimesSync(offer.path, 1, 1);
    expect(() => {
      while (content.read(buffer) !== undefined);
    }).toThrow(expect.objectContaining({ reason: 'file-changed' }));
  });
});
