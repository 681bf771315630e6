import type { Entry } from '../view/entry.ts';

/** Entries kept of what comes in. */
const TAIL_ENTRIES_MAX = 2_000;
/** Entries kept while looking back: many pages of the server's log, a few megabytes. */
const PAST_ENTRIES_MAX = 5_000;

/**
 * What is kept of one room's log: the newest entries, and, while the user looks back further, a window into the past that
 * is moved along the log. So memory is bounded and looking back is not.
 */
export class RoomLog {
  #tail: Entry[] = [];
  /** What is looked at instead of the tail. */
  #past: Entry[] | undefined;
  /** The server keeps nothing older than what is here. */
  #isAtStart = false;

  /** What is to be shown, oldest first. */
  get entries(): readonly Entry[] {
    return this.#past ?? this.#tail;
  }

  /** The entries shown are not the newest ones. */
  get isDetached(): boolean {
    return this.#past !== undefined;
  }

  get isAtStart(): boolean {
    return this.#isAtStart;
  }

  get oldestSequence(): number | undefined {
    return this.entries.find(({ sequence }) => sequence !== undefined)?.sequence;
  }

  get newestSequence(): number | undefined {
    return this.entries.findLast(({ sequence }) => sequence !== undefined)?.sequence;
  }

  /** `isReading`: somebody reads older entries, which are not to vanish before their eyes. */
  append(entry: Entry, isReading: boolean): void {
    this.#tail.push(entry);
    // Once in a while, not with every entry.
    if (this.#tail.length <= TAIL_ENTRIES_MAX * 1.5) return;
    if (isReading) this.#past ??= this.#tail;
    this.#tail = this.#tail.slice(-TAIL_ENTRIES_MAX);
    this.#isAtStart = false;
  }

  /** The newest entry that is kept. */
  get newest(): Entry | undefined {
    return this.#tail.at(-1);
  }

  /** Puts another entry in the place of the newest one. */
  replaceNewest(entry: Entry): void {
    this.#tail[this.#tail.length - 1] = entry;
  }

  /** A page of the log that ends before the oldest entry here came. An empty one says that there is nothing older. */
  prepend(page: readonly Entry[]): void {
    const oldest = this.oldestSequence ?? Number.POSITIVE_INFINITY;
    const older = page.filter(({ sequence = 0 }) => sequence < oldest);
    if (older.length === 0) this.#isAtStart = true;
    const grown = [...older, ...this.entries];
    if (this.#past === undefined && grown.length <= TAIL_ENTRIES_MAX) this.#tail = grown;
    else this.#past = grown.slice(0, PAST_ENTRIES_MAX);
  }

  /** A page of the log behind the newest entry of the window came; where it meets the tail, the window is not needed. */
  extend(page: readonly Entry[]): void {
    const past = this.#past;
    if (past === undefined) return;
    const newest = this.newestSequence ?? 0;
    const newer = page.filter(({ sequence = 0 }) => sequence > newest);
    const first = this.#tail.find(({ sequence }) => sequence !== undefined)?.sequence;
    const meets =
      newer.length === 0 || (first !== undefined && newer.some(({ sequence }) => sequence === first));
    if (!meets) {
      const grown = [...past, ...newer];
      this.#past = grown.slice(-PAST_ENTRIES_MAX);
      if (grown.length > PAST_ENTRIES_MAX) this.#isAtStart = false;
      return;
    }
    const known = first ?? Number.POSITIVE_INFINITY;
    const between = [...past, ...newer].filter(({ sequence = 0 }) => sequence < known);
    this.#tail = [...between, ...this.#tail].slice(-TAIL_ENTRIES_MAX);
    this.#past = undefined;
  }

  /** Looks at another part of the log. */
  showPast(page: readonly Entry[]): void {
    this.#past = [...page];
    this.#isAtStart = false;
  }

  /** Looks at the newest entries again. */
  showTail(): void {
    if (this.#past === undefined) return;
    this.#past = undefined;
    this.#isAtStart = false;
  }

  /** Replaces a message that its author changed or took back; false when it is not here. */
  change(sequence: number, revise: (entry: Entry) => Entry): boolean {
    return this.revise((entry) => entry.sequence === sequence, revise);
  }

  /** Replaces the newest entry of which that is true; false when none is here. */
  revise(isMeant: (entry: Entry) => boolean, revise: (entry: Entry) => Entry): boolean {
    let isFound = false;
    for (const entries of [this.#tail, this.#past]) {
      const index = entries?.findLastIndex(isMeant) ?? -1;
      const entry = entries?.[index];
      if (entries === undefined || entry === undefined) continue;
      entries[index] = revise(entry);
      isFound = true;
    }
    return isFound;
  }
}
