import type { SharedFile } from '@parley/folders';
import { HASH_AHEAD_BYTES_MAX, HASH_CACHE_ENTRIES_MAX } from '../limits.ts';
import type { FileHasher } from './file-hasher.ts';

/** Has files hashed that somebody has seen in a list, one after the other, so that their digests are there when they are wanted. */
export class HashAhead {
  readonly #hasher: FileHasher;
  readonly #onDone: () => void;
  readonly #abort = new AbortController();
  readonly #waiting = new Map<string, SharedFile>();
  #isBusy = false;

  constructor(options: {
    readonly hasher: FileHasher;
    /** Digests have become known, and nothing is waiting any more. */
    readonly onDone: () => void;
  }) {
    this.#hasher = options.hasher;
    this.#onDone = options.onDone;
  }

  /** Files without a digest that a list has shown. */
  want(files: readonly SharedFile[]): void {
    for (const file of files) {
      if (this.#waiting.size >= HASH_CACHE_ENTRIES_MAX) break;
      if (file.size <= HASH_AHEAD_BYTES_MAX) this.#waiting.set(file.path, file);
    }
    if (!this.#isBusy) void this.#work();
  }

  /** Nothing is hashed any more. */
  stop(): void {
    this.#waiting.clear();
    this.#abort.abort();
  }

  async #work(): Promise<void> {
    this.#isBusy = true;
    let count = 0;
    for (const [path, file] of this.#waiting) {
      this.#waiting.delete(path);
      if (this.#hasher.isFull) this.#waiting.clear();
      else if (await this.#hash(file)) count += 1;
    }
    this.#isBusy = false;
    if (count > 0 && !this.#abort.signal.aborted) this.#onDone();
  }

  async #hash(file: SharedFile): Promise<boolean> {
    if (this.#hasher.known(file) !== undefined) return false;
    try {
      await this.#hasher.hash(file, this.#abort.signal);
      return true;
    } catch {
      // It changed, or went away: whoever asks for it is told.
      return false;
    }
  }
}
