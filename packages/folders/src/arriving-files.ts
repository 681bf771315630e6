import { createHash, type Hash } from 'node:crypto';
import type { FolderProgress } from './folder-progress.ts';
import type { FolderTarget } from './folder-target.ts';
import type { LeftOver } from './left-over.ts';
import { FILES_BEING_SYNCED_MAX } from './limits.ts';
import type { StagedFile } from './staged-file.ts';

/** The files of a folder while they arrive: the one that is being written, and those that are being made durable. */
export class ArrivingFiles {
  readonly #target: FolderTarget;
  readonly #left: ReadonlyMap<number, LeftOver>;
  #current: { readonly staged: StagedFile; readonly hash: Hash } | undefined;
  readonly #publishing = new Set<Promise<void>>();
  #fault: unknown;

  /** `left` is what earlier attempts have left of files, by their places in the list. */
  constructor(target: FolderTarget, left: ReadonlyMap<number, LeftOver> = new Map()) {
    this.#target = target;
    this.#left = left;
  }

  /** Bytes that are there of the file that is being written. */
  get currentBytes(): number {
    return this.#current?.staged.position ?? 0;
  }

  begin(folder: FolderProgress, index: number): void {
    const entry = folder.entries[index];
    // Something may have come into its place since the list was compared.
    if (entry === undefined || folder.stateOf(index) !== 'missing') return;
    const left = this.#left.get(index);
    const staged = this.#target.begin(index, entry, left?.bytes);
    this.#current = { staged, hash: left?.hash.copy() ?? createHash('sha256') };
  }

  write(bytes: Uint8Array): void {
    this.#current?.staged.write(bytes);
    this.#current?.hash.update(bytes);
  }

  /** All of the file is there: it gets its place when it is the one that was sent. */
  // CHAT-FOLDER-5
  end(folder: FolderProgress, index: number, sent: { isUnchanged: boolean; digest: Uint8Array }): void {
    const file = this.#current;
    const entry = folder.entries[index];
    this.#current = undefined;
    if (file === undefined || entry === undefined) return;
    if (!sent.isUnchanged || Buffer.compare(file.hash.digest(), sent.digest) !== 0) {
      file.staged.discard();
      folder.handleVainTry(index);
      return;
    }
    const published = file.staged.publish(entry.modifiedAt).then(
      (standing) => folder.settle(index, standing === 'done' ? 'done' : 'taken'),
      (error: unknown) => {
        this.#fault ??= error;
      },
    );
    this.#publishing.add(published);
    void published.finally(() => this.#publishing.delete(published));
  }

  /** Resolves when the disk can take more; nothing when it can at once. Throws what went wrong with a file before. */
  room(): Promise<void> | undefined {
    if (this.#fault !== undefined) throw this.#fault;
    return this.#publishing.size < FILES_BEING_SYNCED_MAX ? undefined : Promise.race(this.#publishing);
  }

  /** The stream has ended in the middle of a file: a small one is worth nothing. */
  drop(): void {
    this.#current?.staged.letGo();
    this.#current = undefined;
  }

  /** Resolves when every file that has arrived is in its place; rejects with what went wrong. */
  async settle(): Promise<void> {
    while (this.#publishing.size > 0) await Promise.all(this.#publishing);
    if (this.#fault !== undefined) throw this.#fault;
  }
}
