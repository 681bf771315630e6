import * as nodeFileSystem from 'node:fs';
import { type OpeningFileSystem, openInPlace } from '@parley/folders';
import { HASH_CHUNK_BYTES } from '../limits.ts';
import { ChunkHasher, type FileDigests } from './chunk-hasher.ts';
import type { HashProgress } from './hash-progress.ts';

/** What hashing needs of `node:fs`; tests give one that fails on purpose. */
export type HashingFileSystem = OpeningFileSystem & Pick<typeof nodeFileSystem, 'read'>;

/** What became of a file: its digests, or why there are none, as the `code` and `problem` of a `HashError`. */
export type HashedFile =
  | { readonly ok: true; readonly digests: FileDigests }
  | { readonly ok: false; readonly code: string; readonly problem: string };

/**
 * Hashes a file that has to have `size` bytes; `isCancelled` is asked between pieces. What becomes known on the way stands in `progress`.
 * Never rejects.
 */
export async function hashFile(
  {
    path,
    size,
    progress,
  }: { readonly path: string; readonly size: number; readonly progress?: HashProgress | undefined },
  isCancelled: () => boolean,
  fileSystem: HashingFileSystem = nodeFileSystem,
): Promise<HashedFile> {
  try {
    // CHAT-LIST-7
    const descriptor = openInPlace(path, fileSystem);
    try {
      const hasher = new ChunkHasher(size, (index, hash) => progress?.note(index, hash));
      const piece = Buffer.allocUnsafe(Math.max(1, Math.min(HASH_CHUNK_BYTES, size)));
      let offset = 0;
      while (offset <= size) {
        if (isCancelled()) return failure('cancelled', 'nobody waits for the digest');
        const count = await readAt(fileSystem, descriptor, { piece, offset });
        if (count === 0) break;
        offset += count;
        // One that grew: its end is not looked at.
        if (offset > size) break;
        hasher.update(piece.subarray(0, count));
      }
      if (offset !== size) return failure('file-changed', 'the file changed while it was hashed');
      const digests = hasher.digest();
      progress?.finish(digests);
      return { ok: true, digests };
    } finally {
      fileSystem.closeSync(descriptor);
    }
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return failure(code ?? 'unknown', message);
  }
}

function readAt(
  fileSystem: HashingFileSystem,
  descriptor: number,
  { piece, offset }: { readonly piece: Buffer; readonly offset: number },
): Promise<number> {
  return new Promise((resolve, reject) => {
    fileSystem.read(descriptor, piece, 0, piece.byteLength, offset, (error, count) => {
      if (error) reject(error);
      else resolve(count);
    });
  });
}

function failure(code: string, problem: string): HashedFile {
  return { ok: false, code, problem };
}
