import { setImmediate } from 'node:timers/promises';
import type { OutgoingFile, SharedFile } from '@parley/folders';
import type { WantedFile } from '../catalogue/folder-content.ts';
import { type FileHasher, HashError } from '../hashing/file-hasher.ts';
import { ANNOUNCED_AT_A_TIME, HASH_CACHE_ENTRIES_MAX } from '../limits.ts';

/** No bytes have it. */
const NO_DIGEST = new Uint8Array(0);

/**
 * What is known of the bytes of a folder's files before they are sent. A disk that reads a file wrong, this time or when its digest
 * was made, is found out by the two: then the file is read once more before it is offered again.
 */
// CHAT-FOLDER-4
export class FolderDigests {
  readonly #hasher: Pick<FileHasher, 'known' | 'hash' | 'forget'>;
  /** Paths of files that were read in two ways. */
  readonly #doubted = new Set<string>();

  constructor(hasher: Pick<FileHasher, 'known' | 'hash' | 'forget'>) {
    this.#hasher = hasher;
  }

  /** A file was read that is not what its digest says. */
  doubt(file: SharedFile): void {
    this.#hasher.forget(file);
    this.#doubted.add(file.path);
    const [oldest] = this.#doubted;
    if (oldest !== undefined && this.#doubted.size > HASH_CACHE_ENTRIES_MAX) this.#doubted.delete(oldest);
  }

  /** The files with the digests that they have to have. Rejects with the `HashError` of who does not wait any more. */
  async announce(files: readonly WantedFile[], signal: AbortSignal): Promise<OutgoingFile[]> {
    const announced: OutgoingFile[] = [];
    for (const [index, file] of files.entries()) {
      // A folder may hold 100,000: others have their turn.
      if (index % ANNOUNCED_AT_A_TIME === ANNOUNCED_AT_A_TIME - 1) await setImmediate();
      const { path, size, modifiedAt, begun } = file;
      const sha256 = this.#doubted.has(path)
        ? await this.#readAgain(file, signal)
        : this.#hasher.known(file)?.sha256;
      announced.push({ path, size, modifiedAt, sha256, begun });
    }
    return announced;
  }

  async #readAgain(file: SharedFile, signal: AbortSignal): Promise<Uint8Array> {
    try {
      const { sha256 } = await this.#hasher.hash(file, signal);
      this.#doubted.delete(file.path);
      return sha256;
    } catch (error) {
      const isGivenUp = error instanceof HashError && (error.code === 'cancelled' || error.code === 'closed');
      if (isGivenUp) throw error;
      // What cannot be read a second time is not believed, and keeps nobody from the rest of the folder.
      return NO_DIGEST;
    }
  }
}
