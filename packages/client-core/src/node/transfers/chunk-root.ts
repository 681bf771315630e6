import { createHash } from 'node:crypto';

/** The 32 bytes that stand for the digests of all chunks of a file of `size` bytes. */
// CHAT-CHUNK-2
export function chunkRootOf(size: number, chunkHashes: Uint8Array): Uint8Array {
  const sizeBytes = Buffer.alloc(8);
  sizeBytes.writeBigUInt64BE(BigInt(size));
  return createHash('sha256').update(sizeBytes).update(chunkHashes).digest();
}
