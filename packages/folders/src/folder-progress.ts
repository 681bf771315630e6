import { type ByteRange, type FolderEntry, travelsInFolder } from '@parley/protocol';

/** What became of an entry. */
export type EntryState =
  | 'missing'
  | 'done'
  /** Something else has its place. */
  | 'taken'
  /** It could not be had, also after more tries. */
  | 'lost';

/** How often a file may come wrong, or not at all. */
const TRIES_MAX = 3;

/** What of a folder is there, and what is to be asked for next. */
export class FolderProgress {
  readonly entries: readonly FolderEntry[];
  readonly #states: EntryState[];
  readonly #tries = new Map<number, number>();
  #doneBytes = 0;

  constructor(entries: readonly FolderEntry[], stateOf: (entry: FolderEntry) => EntryState) {
    this.entries = entries;
    this.#states = entries.map(stateOf);
    for (const [index, state] of this.#states.entries()) {
      if (state === 'done') this.#doneBytes += entries[index]?.size ?? 0;
    }
  }

  /** Bytes of all files. */
  get size(): number {
    return this.entries.reduce((sum, { size }) => sum + size, 0);
  }

  /** Bytes of the files that are there. */
  get doneBytes(): number {
    return this.#doneBytes;
  }

  stateOf(index: number): EntryState | undefined {
    return this.#states[index];
  }

  settle(index: number, state: EntryState): void {
    if (this.#states[index] === 'missing' && state === 'done')
      this.#doneBytes += this.entries[index]?.size ?? 0;
    this.#states[index] = state;
  }

  /** A file did not come as it should. */
  handleVainTry(index: number): void {
    const tries = (this.#tries.get(index) ?? 0) + 1;
    this.#tries.set(index, tries);
    if (tries >= TRIES_MAX) this.settle(index, 'lost');
  }

  /** The places below `end` of files that are missing and travel in the stream, in at most so many ranges; others may lie between them. */
  // CHAT-FOLDER-3
  missing(countMax: number, end = this.entries.length): ByteRange[] {
    const ranges: { start: number; end: number }[] = [];
    let isOpen = false;
    for (const [index, entry] of this.entries.entries()) {
      if (index >= end) break;
      if (!travelsInFolder(entry)) continue;
      const isMissing = this.#states[index] === 'missing';
      const last = ranges.at(-1);
      if (isMissing && isOpen && last !== undefined) last.end = index + 1;
      else if (isMissing) {
        if (ranges.length === countMax) break;
        ranges.push({ start: index, end: index + 1 });
      }
      isOpen = isMissing;
    }
    return ranges;
  }

  /** The places of the files that are missing. */
  get missingFiles(): (readonly [index: number, entry: FolderEntry])[] {
    return [...this.entries.entries()].filter(
      ([index, { kind }]) => kind === 'file' && this.#states[index] === 'missing',
    );
  }

  /** The place of the next file that is missing and fetched by itself. */
  get nextLarge(): number | undefined {
    const index = this.entries.findIndex(
      (entry, at) => this.#states[at] === 'missing' && entry.kind === 'file' && !travelsInFolder(entry),
    );
    return index < 0 ? undefined : index;
  }

  /** The entries in a state. */
  in(state: EntryState): FolderEntry[] {
    return this.entries.filter((_, index) => this.#states[index] === state);
  }
}
