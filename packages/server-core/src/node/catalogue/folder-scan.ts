import { realpath } from 'node:fs/promises';
import { describeFound, findEach, lookHere, type SharedFile, walkFolder } from '@parley/folders';
import type { FileOrder } from '@parley/protocol';
import { CATALOGUE_NAMES_MAX } from '../limits.ts';

/** Where in an order a file stands: what it is listed by, and its path. */
export interface Place {
  readonly value: number;
  readonly name: string;
}

/** The files of a folder, as they were found in one walk through it. */
export class FolderScan {
  /** The folder, free of links. */
  readonly root: string;
  /** By path. */
  readonly files: readonly SharedFile[];
  /** The folders that were read, below the root. */
  readonly folders: readonly string[];
  /** There are more names than a walk reads. */
  readonly isCut: boolean;
  /** When the walk began and how long it took, in milliseconds by `performance.now`. */
  readonly startedAt: number;
  readonly durationMs: number;
  readonly #sorted = new Map<FileOrder, readonly SharedFile[]>();

  private constructor(parts: Pick<FolderScan, 'root' | 'files' | 'folders' | 'isCut' | 'startedAt'>) {
    this.root = parts.root;
    this.files = parts.files;
    this.folders = parts.folders;
    this.isCut = parts.isCut;
    this.startedAt = parts.startedAt;
    this.durationMs = performance.now() - parts.startedAt;
    this.#sorted.set('name', parts.files);
  }

  /** Walks through a folder, in this thread. Rejects with the error of the system when it cannot be read. */
  static async take(folder: string, namesMax = CATALOGUE_NAMES_MAX): Promise<FolderScan> {
    const startedAt = performance.now();
    const root = await realpath(folder);
    const { files: names, folders, isCut } = await walkFolder(root, namesMax);
    const files = await findEach(names, (found) => describeFound(root, found, lookHere));
    files.sort((left, right) => (left.name < right.name ? -1 : 1));
    return new FolderScan({ root, files, folders, isCut, startedAt });
  }

  /** All files in that order. */
  // CHAT-LIST-9
  sorted(order: FileOrder): readonly SharedFile[] {
    const known = this.#sorted.get(order);
    if (known !== undefined) return known;
    const places = this.files.map((file) => ({ file, place: placeOf(file, order) }));
    places.sort((left, right) => comparePlaces(left.place, right.place, order));
    const sorted = places.map(({ file }) => file);
    this.#sorted.set(order, sorted);
    return sorted;
  }

  /** Whether two walks have found the same files, unchanged. */
  isSameAs({ files }: FolderScan): boolean {
    return (
      files.length === this.files.length &&
      files.every((file, index) => {
        const other = this.files[index];
        return file.name === other?.name && file.identity === other.identity;
      })
    );
  }
}

/** Where a file stands in an order. */
export function placeOf({ name, size, modifiedAt }: SharedFile, order: FileOrder): Place {
  switch (order) {
    case 'name':
    case 'name-descending':
      return { value: 0, name };
    case 'size':
    case 'size-descending':
      return { value: size, name };
    case 'time':
    case 'time-descending':
      return { value: modifiedAt, name };
  }
}

/** Negative when `left` comes first. */
export function comparePlaces(left: Place, right: Place, order: FileOrder): number {
  const byName = left.name === right.name ? 0 : left.name < right.name ? -1 : 1;
  const ascending = left.value - right.value || byName;
  return order.endsWith('-descending') ? -ascending : ascending;
}
