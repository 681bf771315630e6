import { BARRIER_FILES_MIN, BARRIER_MS_MAX, FILES_BEING_SYNCED_MAX } from './limits.ts';
import type { SyncBarrier } from './sync-barrier.ts';
import { cannotBeSynced, closeQuietly, openFolder, type TargetFileSystem } from './target-file-system.ts';

/**
 * Makes files durable, many at a time: by one barrier for the whole file system, or each by itself where there is none. Others may have
 * written far more to the same file system; when a barrier takes long, there is no other.
 */
export class FileSyncer {
  readonly #fileSystem: TargetFileSystem;
  #barrier: SyncBarrier | undefined;
  #underWay: Promise<unknown> = Promise.resolve();

  constructor(fileSystem: TargetFileSystem, barrier: SyncBarrier | undefined) {
    this.#fileSystem = fileSystem;
    this.#barrier = barrier;
  }

  /** Resolves when the files are durable, with what went wrong with each that is not. */
  async sync(descriptors: readonly number[]): Promise<readonly (Error | undefined)[]> {
    if (descriptors.length >= BARRIER_FILES_MIN && (await this.#pass())) return [];
    return this.#syncEach(descriptors);
  }

  /** Makes the names in folders durable, where the system can; rejects with what went wrong. */
  async syncFolders(paths: readonly string[]): Promise<void> {
    if (paths.length >= BARRIER_FILES_MIN && (await this.#pass())) return;
    for (let index = 0; index < paths.length; index += FILES_BEING_SYNCED_MAX) {
      await this.#syncNames(paths.slice(index, index + FILES_BEING_SYNCED_MAX));
    }
  }

  /** From now on each file is synced by itself. Never throws. */
  close(): void {
    const barrier = this.#barrier;
    this.#barrier = undefined;
    void this.#underWay.then(() => barrier?.close());
  }

  /** Whether a barrier has made everything durable. Where it failed, the files themselves say why, or that it was for others. */
  #pass(): Promise<boolean> {
    const barrier = this.#barrier;
    if (barrier === undefined) return Promise.resolve(false);
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.close();
        resolve(false);
      }, BARRIER_MS_MAX);
      const passed = barrier.sync().then(
        () => true,
        () => false,
      );
      this.#underWay = passed;
      void passed.then((isThrough) => {
        clearTimeout(timer);
        resolve(isThrough);
      });
    });
  }

  async #syncNames(paths: readonly string[]): Promise<void> {
    const descriptors: number[] = [];
    try {
      for (const path of paths) {
        const descriptor = openFolder(this.#fileSystem, path);
        if (descriptor !== undefined) descriptors.push(descriptor);
      }
      const faults = await this.#syncEach(descriptors);
      const fault = faults.find((error) => error !== undefined && !cannotBeSynced(error));
      if (fault !== undefined) throw fault;
    } finally {
      for (const descriptor of descriptors) closeQuietly(this.#fileSystem, descriptor);
    }
  }

  /** All at once: the disk joins what several threads want of it. */
  #syncEach(descriptors: readonly number[]): Promise<readonly (Error | undefined)[]> {
    const syncs = descriptors.map(
      (descriptor) =>
        new Promise<Error | undefined>((resolve) => {
          this.#fileSystem.fsync(descriptor, (error) => resolve(error ?? undefined));
        }),
    );
    return Promise.all(syncs);
  }
}
