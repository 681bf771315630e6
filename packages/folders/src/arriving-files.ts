import { createHash, type Hash } from 'node:crypto';
import type { FolderEntry } from '@parley/protocol';
import type { FolderProgress } from './folder-progress.ts';
import type { FolderTarget } from './folder-target.ts';
import type { LeftOver } from './left-over.ts';
import { FILES_BEING_SYNCED_MAX, FILES_WAITING_MAX, GATHER_MS, WRITTEN_WHOLE_BYTES_MAX } from './limits.ts';
import type { StagedFile } from './staged-file.ts';

/** The file whose bytes come. */
interface CurrentFile {
  readonly index: number;
  readonly entry: FolderEntry;
  /** Of the bytes that came. */
  readonly hash: Hash;
  /** Nothing of a small file is on the disk before all of it is here, or no more of it comes. */
  readonly staged: StagedFile | undefined;
}

/** A file that is whole, and right, and not durable yet. */
interface CompleteFile {
  readonly folder: FolderProgress;
  readonly index: number;
  readonly staged: StagedFile;
}

/** The files of a folder while they arrive: the one whose bytes come, those that are whole, and those that are being made durable, a group at a time. */
export class ArrivingFiles {
  readonly #target: FolderTarget;
  #left = new Map<number, LeftOver>();
  #current: CurrentFile | undefined;
  /** The bytes of a small file. */
  readonly #small = Buffer.allocUnsafeSlow(WRITTEN_WHOLE_BYTES_MAX);
  #smallBytes = 0;
  #waiting: CompleteFile[] = [];
  #gathering: NodeJS.Timeout | undefined;
  #publishing: Promise<void> | undefined;
  #fault: unknown;

  constructor(target: FolderTarget) {
    this.#target = target;
  }

  /** Bytes that are there of files that are not whole. */
  get partBytes(): number {
    const currentBytes = this.#current?.staged?.position ?? this.#smallBytes;
    return [...this.#left.values()].reduce((sum, { bytes }) => sum + bytes, currentBytes);
  }

  /** `left` is what earlier attempts have left of files, by their places in the list. */
  goOnFrom(left: ReadonlyMap<number, LeftOver>): void {
    this.#left = new Map(left);
  }

  /** Bytes of a file come, from `from` on: 0, or behind what is left of it. */
  begin(folder: FolderProgress, index: number, from = 0): void {
    const entry = folder.entries[index];
    // Something may have come into its place since the list was compared.
    if (entry === undefined || folder.stateOf(index) !== 'missing') return;
    const left = from > 0 ? this.#left.get(index) : undefined;
    this.#left.delete(index);
    const isSmall = entry.size <= WRITTEN_WHOLE_BYTES_MAX && left === undefined;
    const staged = isSmall ? undefined : this.#target.begin(entry, left?.bytes);
    this.#smallBytes = 0;
    this.#current = { index, entry, staged, hash: left?.hash ?? createHash('sha256') };
  }

  write(bytes: Uint8Array): void {
    if (this.#current === undefined) return;
    const { staged, hash } = this.#current;
    if (staged === undefined) {
      this.#small.set(bytes, this.#smallBytes);
      this.#smallBytes += bytes.byteLength;
    } else staged.write(bytes);
    hash.update(bytes);
  }

  /** All of the file is there: it gets its place when it is the one that was sent. */
  // CHAT-FOLDER-5
  end(folder: FolderProgress, index: number, sent: { isUnchanged: boolean; digest: Uint8Array }): void {
    const file = this.#current;
    if (file === undefined) return;
    this.#current = undefined;
    const { entry, hash } = file;
    const small = file.staged === undefined ? this.#takeSmall() : undefined;
    if (!sent.isUnchanged || Buffer.compare(hash.digest(), sent.digest) !== 0) {
      file.staged?.discard();
      folder.handleVainTry(index);
      return;
    }
    const staged = file.staged ?? this.#target.make(index, entry);
    try {
      if (small !== undefined) staged.write(small);
      staged.complete(entry.modifiedAt);
      this.#waiting.push({ folder, index, staged });
    } catch (error) {
      staged.discard();
      throw error;
    }
    // What a large one has cost is not put at risk for a little less work.
    if (small === undefined || this.#waiting.length >= FILES_BEING_SYNCED_MAX) this.#publishWaiting();
    else this.#gathering ??= setTimeout(() => this.#publishGathered(), GATHER_MS);
  }

  /** Resolves when the disk can take more; nothing when it can at once. Throws what went wrong with a file before. */
  room(): Promise<void> | undefined {
    if (this.#fault !== undefined) throw this.#fault;
    return this.#waiting.length < FILES_WAITING_MAX ? undefined : this.#publishing;
  }

  /** The stream has ended, be it in the middle of a file: what is here of it is left to another attempt. Never throws. */
  // CHAT-FOLDER-7, CHAT-FOLDER-12
  drop(): void {
    const file = this.#current;
    if (file === undefined) return;
    this.#current = undefined;
    const small = this.#takeSmall();
    if (file.staged === undefined && small.byteLength === 0) return;
    try {
      const staged = file.staged ?? this.#target.begin(file.entry);
      try {
        staged.write(small);
        this.#left.set(file.index, { bytes: staged.position, hash: file.hash });
      } finally {
        staged.letGo();
      }
    } catch {
      // The disk takes no more: it comes again.
    }
  }

  /** Resolves when every file that has arrived is in its place; rejects with what went wrong. */
  async settle(): Promise<void> {
    this.#publishWaiting();
    while (this.#publishing !== undefined) {
      await this.#publishing;
      this.#publishWaiting();
    }
    if (this.#fault !== undefined) throw this.#fault;
  }

  /** What is here of a small file. */
  #takeSmall(): Uint8Array {
    const bytes = this.#small.subarray(0, this.#smallBytes);
    this.#smallBytes = 0;
    return bytes;
  }

  #publishGathered(): void {
    this.#gathering = undefined;
    this.#publishWaiting();
  }

  /** One group at a time: what comes meanwhile is the next one. */
  #publishWaiting(): void {
    if (this.#publishing !== undefined || this.#waiting.length === 0) return;
    clearTimeout(this.#gathering);
    this.#gathering = undefined;
    const group = this.#waiting;
    this.#waiting = [];
    this.#publishing = this.#publish(group).finally(() => {
      this.#publishing = undefined;
      const isGathering = this.#gathering !== undefined && this.#waiting.length < FILES_BEING_SYNCED_MAX;
      if (!isGathering) this.#publishWaiting();
    });
  }

  /** Never rejects. */
  async #publish(group: readonly CompleteFile[]): Promise<void> {
    const faults = await this.#target.sync(group.map(({ staged }) => staged.path));
    for (const [place, { folder, index, staged }] of group.entries()) {
      try {
        folder.settle(index, staged.publish(faults[place]) === 'done' ? 'done' : 'taken');
      } catch (error) {
        this.#fault ??= error;
      }
    }
  }
}
