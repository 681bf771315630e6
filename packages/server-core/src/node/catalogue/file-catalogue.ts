import { realpath } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import type { SharedFile } from '@parley/folders';
import { FILES_PER_PAGE_MAX, type FileOrder, type FilePath, parseFilePath } from '@parley/protocol';
import { parseFilePattern } from '../../domain/transfers/file-pattern.ts';
import { fileKeyOf } from '../hashing/file-key.ts';
import { LISTING_SLICE_MS, SCAN_KEPT_MS } from '../limits.ts';
import { CatalogueError } from './catalogue-error.ts';
import { CatalogueWatch, type CatalogueWatchOptions } from './catalogue-watch.ts';
import { comparePlaces, FolderScan, type Place, placeOf } from './folder-scan.ts';
import { type FolderPlace, findFile, isFolderAt } from './look-up.ts';

/** A page of the shared folder. */
export interface FilePage {
  readonly files: readonly SharedFile[];
  readonly nextCursor: string | undefined;
  /** The folder holds more than lists have. */
  readonly isCut: boolean;
}

/** Which files, and in which order. */
export interface FileView {
  /** Empty for all. */
  readonly pattern: string;
  /** The keys (`fileKeyOf`) of those that are meant besides; absent for all. */
  readonly keys?: ReadonlySet<string> | undefined;
  readonly order: FileOrder;
}

const EVERYTHING: FileView = { pattern: '', order: 'name' };

/**
 * The files of a folder and its sub-folders: regular files only, with names that are safe everywhere (CHAT-FILE-2). Hidden
 * files and folders, devices, links to folders and links that lead out do not exist for it.
 */
// CHAT-LIST-4
export class FileCatalogue {
  readonly #root: string;
  readonly #namesMax: number | undefined;
  readonly #watch: CatalogueWatch;
  #scan: FolderScan | undefined;
  #scanning: Promise<FolderScan> | undefined;

  /** `root` has to be absolute. */
  constructor(root: string, watching?: CatalogueWatchOptions, namesMax?: number) {
    this.#root = root;
    this.#namesMax = namesMax;
    this.#watch = new CatalogueWatch(() => this.#take(), watching);
  }

  /**
   * Up to `limit` files (0: as many as a page holds) that come after `cursor`. Rejects with `CatalogueError` for a made-up
   * cursor, and with the error of the system when the folder cannot be read.
   */
  // CHAT-LIST-2
  async list(cursor: string | undefined, limit: number, view = EVERYTHING): Promise<FilePage> {
    const { order, pattern, keys } = view;
    // CHAT-LIST-3
    const after = cursor === undefined ? undefined : parseCursor(cursor, order);
    const fits = parseFilePattern(pattern);
    const countMax = limit === 0 ? FILES_PER_PAGE_MAX : Math.min(limit, FILES_PER_PAGE_MAX);
    const scan = await this.#scanFor(after !== undefined);
    const { isCut } = scan;
    const files: SharedFile[] = [];
    let sliceEnd = performance.now() + LISTING_SLICE_MS;
    const sorted = scan.sorted(order);
    for (let index = countUpTo(after, sorted, order); index < sorted.length; index += 1) {
      // A pattern that fits nothing is compared with everything: others have their turn in between.
      if (performance.now() >= sliceEnd) {
        await setImmediate();
        sliceEnd = performance.now() + LISTING_SLICE_MS;
      }
      const file = sorted[index] as SharedFile;
      if (keys?.has(fileKeyOf(file)) === false || !fits(file.name)) continue;
      if (files.length === countMax) return { files, nextCursor: cursorOf(files.at(-1), order), isCut };
      files.push(file);
    }
    return { files, nextCursor: undefined, isCut };
  }

  /** The file at that path, `undefined` when there is none. */
  async find(path: FilePath): Promise<SharedFile | undefined> {
    return findFile(await realpath(this.#root), path);
  }

  /** Whether that path is a folder's. */
  async isFolder(path: FilePath): Promise<boolean> {
    return isFolderAt(await realpath(this.#root), path);
  }

  /** Where to look for a folder at that path. */
  async folderPlace(path: FilePath): Promise<FolderPlace> {
    return { root: await realpath(this.#root), below: path, name: path };
  }

  /** Looks for changes from now on, and tells of them, at most once in a second. Resolves after the first look. */
  // CHAT-WATCH-1
  startWatching(onChange: () => void): Promise<void> {
    return this.#watch.start(onChange);
  }

  /** Digests of listed files have become known: for who looks, that is a change. */
  noteDigests(): void {
    this.#watch.noteDigests();
  }

  /** May be called at any time. */
  stopWatching(): void {
    this.#watch.stop();
  }

  /** The next page belongs to what the first one was cut from; a first one shows what is there now. */
  async #scanFor(goesOn: boolean): Promise<FolderScan> {
    const scan = this.#scan;
    if (scan === undefined) return this.#take();
    const isKept = goesOn && performance.now() - scan.startedAt < SCAN_KEPT_MS;
    return isKept || this.#watch.vouchesFor(scan) ? scan : this.#take();
  }

  /** Several who want one at the same time share it. */
  #take(): Promise<FolderScan> {
    this.#scanning ??= FolderScan.take(this.#root, this.#namesMax)
      .then((scan) => {
        this.#scan = scan;
        return scan;
      })
      .finally(() => {
        this.#scanning = undefined;
      });
    return this.#scanning;
  }
}

/** How many files come up to a place, itself included. */
function countUpTo(place: Place | undefined, sorted: readonly SharedFile[], order: FileOrder): number {
  if (place === undefined) return 0;
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const isBehind = comparePlaces(placeOf(sorted[middle] as SharedFile, order), place, order) > 0;
    if (isBehind) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** By name a cursor is the path of the last file; otherwise what it was listed by stands before that. */
function cursorOf(file: SharedFile | undefined, order: FileOrder): string | undefined {
  if (file === undefined || order.startsWith('name')) return file?.name;
  const { value, name } = placeOf(file, order);
  return `${value}/${name}`;
}

function parseCursor(cursor: string, order: FileOrder): Place {
  const [, digits, path = ''] = /^(\d{1,16})\/(.*)$/s.exec(cursor) ?? [];
  const place = order.startsWith('name')
    ? { value: 0, name: cursor }
    : { value: Number(digits ?? Number.NaN), name: path };
  if (parseFilePath(place.name).ok && Number.isSafeInteger(place.value)) return place;
  throw new CatalogueError('cursor-invalid', 'expected a cursor of this server');
}
