import { BARRIER_FILES_MIN, BARRIER_MS_MAX, FILES_BEING_SYNCED_MAX } from './limits.ts';
import type { SyncBarrier } from './sync-barrier.ts';
import {
  cannotBeSynced,
  closeQuietly,
  openFolder,
  openOwnFile,
  type TargetFileSystem,
} from './target-file-system.ts';

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

  /** Resolves when our files at these paths are durable, with what went wrong with each that is not. */
  async sync(paths: readonly string[]): Promise<readonly (Error | undefined)[]> {
    if (paths.length >= BARRIER_FILES_MIN && (await this.#pass())) return [];
    return this.#syncEach(paths, (path) => {
      const descriptor = openOwnFile(this.#fileSystem, path);
      if (descriptor === undefined) throw new Error(`somebody took ${path} away`);
      return descriptor;
    });
  }

  /** Makes the names in folders durable, where the system can; rejects with what went wrong. */
  async syncFolders(paths: readonly string[]): Promise<void> {
    if (paths.length >= BARRIER_FILES_MIN && (await this.#pass())) return;
    const faults = await this.#syncEach(paths, (path) => openFolder(this.#fileSystem, path));
    const fault = faults.find((error) => error !== undefined && !cannotBeSynced(error));
    if (fault !== undefined) throw fault;
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

  /** So many at once that the disk can join what several threads want of it, and no more: each is open meanwhile. */
  async #syncEach(
    paths: readonly string[],
    open: (path: string) => number | undefined,
  ): Promise<readonly (Error | undefined)[]> {
    const faults: (Error | undefined)[] = [];
    for (let index = 0; index < paths.length; index += FILES_BEING_SYNCED_MAX) {
      const some = paths.slice(index, index + FILES_BEING_SYNCED_MAX);
      faults.push(...(await Promise.all(some.map((path) => this.#syncOne(path, open)))));
    }
    return faults;
  }

  /** Never rejects. */
  #syncOne(path: string, open: (path: string) => number | undefined): Promise<Error | undefined> {
    return new Promise((resolve) => {
      let descriptor: number | undefined;
      try {
        descriptor = open(path);
      } catch (error) {
        resolve(error as Error);
        return;
      }
      if (descriptor === undefined) {
        resolve(undefined);
        return;
      }
      const opened = descriptor;
      this.#fileSystem.fsync(opened, (error) => {
        closeQuietly(this.#fileSystem, opened);
        resolve(error ?? undefined);
      });
    });
  }
}
