import { createHash, type Hash } from 'node:crypto';
import type * as nodeFileSystem from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import type { FolderEntry } from '@parley/protocol';
import { fileErrorFrom } from './file-error.ts';
import type { FolderTarget } from './folder-target.ts';

/** What an earlier attempt has left of a file, which goes on behind it. */
export interface LeftOver {
  readonly bytes: number;
  /** Of these bytes. */
  readonly hash: Hash;
}

type ReadingFileSystem = Pick<typeof nodeFileSystem, 'closeSync' | 'readSync'>;

/** Bytes read at a time: others have their turn between two of them. */
const READ_BYTES = 1_048_576;

/** Reads what is left of files that are missing. Its digest proves it when the rest is there. What is left of others is removed. */
// CHAT-FOLDER-7, CHAT-FOLDER-12
export async function readLeftOvers(
  target: FolderTarget,
  missing: Iterable<readonly [number, FolderEntry]>,
  fileSystem: ReadingFileSystem,
): Promise<Map<number, LeftOver>> {
  const left = new Map<number, LeftOver>();
  for (const [index, entry] of target.begunAmong(missing)) {
    const descriptor = target.openLeft(entry);
    if (descriptor === undefined) continue;
    try {
      const found = await readThrough(descriptor, fileSystem);
      if (found.bytes > 0 && found.bytes <= entry.size) left.set(index, found);
    } catch (error) {
      throw fileErrorFrom(error, target.pathOf(entry));
    } finally {
      fileSystem.closeSync(descriptor);
    }
  }
  return left;
}

async function readThrough(descriptor: number, fileSystem: ReadingFileSystem): Promise<LeftOver> {
  const hash = createHash('sha256');
  const buffer = new Uint8Array(READ_BYTES);
  for (let bytes = 0; ; ) {
    const count = fileSystem.readSync(descriptor, buffer, 0, buffer.byteLength, bytes);
    if (count === 0) return { bytes, hash };
    hash.update(buffer.subarray(0, count));
    bytes += count;
    await setImmediate();
  }
}
