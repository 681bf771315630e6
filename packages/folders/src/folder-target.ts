import * as nodeFileSystem from 'node:fs';
import { dirname, join, sep } from 'node:path';
import type { FolderEntry } from '@parley/protocol';
import { FileError, fileErrorFrom } from './file-error.ts';
import { FileSyncer } from './file-syncer.ts';
import { localFileName } from './local-file-name.ts';
import { PartLock } from './part-lock.ts';
import { StagedFile, type Standing } from './staged-file.ts';
import { StagingFolder } from './staging-folder.ts';
import { openSyncBarrier, type SyncBarrier } from './sync-barrier.ts';
import { codeOf, type TargetFileSystem } from './target-file-system.ts';

/** What the download of a folder needs of `node:fs`, and what makes many files durable at once, where there is something. */
export type FolderFileSystem = TargetFileSystem &
  Pick<typeof nodeFileSystem, 'chmodSync' | 'mkdirSync' | 'rmdirSync' | 'rmSync' | 'utimesSync'> & {
    readonly openSyncBarrier?: (folder: string) => SyncBarrier | undefined;
  };

/** The file system of this machine, with what native code adds to it. */
const nativeFolderFileSystem: FolderFileSystem = { ...nodeFileSystem, openSyncBarrier };

/** The system's files; the portable ones have no barrier. */
export function folderFileSystem({ isPortable }: { readonly isPortable: boolean }): FolderFileSystem {
  return isPortable ? nodeFileSystem : nativeFolderFileSystem;
}

/** Hidden inside of the target, where no name of a server can lead. */
export const STAGING_NAME = '.parley-folder.part';

/** File systems round times; below this two are the same. */
const TIME_TOLERANCE_MS = 2;

/** Whoever gets a folder can go on with it, whatever the server's folder allowed. */
const FOLDER_MODE_MIN = 0o700;
const FILE_MODE_MIN = 0o600;

/**
 * Where a folder goes. Files are made under names of their own in a hidden folder, and get their place when they are
 * whole, verified and durable. Nothing that exists is replaced, and no link is followed below the target. Methods throw `FileError`s.
 */
// CHAT-FOLDER-6
export class FolderTarget {
  readonly #path: string;
  /** Whether it was made for this download. */
  readonly #isNew: boolean;
  readonly #staging: StagingFolder;
  readonly #fileSystem: FolderFileSystem;
  readonly #lock: PartLock;
  readonly #syncer: FileSyncer;
  /** Folders below the target that were seen to be folders, and no links; and where each is. */
  readonly #trusted: Map<string, string>;
  /** Folders with names that may not be durable: new ones, and those that an earlier life may have made before it was killed. */
  readonly #touched = new Set<string>(['']);
  /** Folders that were made here and in which nothing was put since. */
  readonly #empty = new Set<string>();
  /** Entries that were seen to stand in their places, in a folder that is nobody else's. */
  readonly #standing = new Set<FolderEntry>();

  private constructor(
    path: string,
    parts: {
      readonly isNew: boolean;
      readonly staging: StagingFolder;
      readonly lock: PartLock;
      readonly fileSystem: FolderFileSystem;
    },
  ) {
    const { isNew, lock, fileSystem } = parts;
    this.#path = path;
    this.#isNew = isNew;
    this.#staging = parts.staging;
    this.#lock = lock;
    this.#fileSystem = fileSystem;
    this.#trusted = new Map([['', path]]);
    this.#syncer = new FileSyncer(fileSystem, fileSystem.openSyncBarrier?.(this.#staging.path));
    if (isNew) this.#empty.add('');
  }

  /** Makes the folder unless it is there. Throws `target-busy` when another download goes to the same place. */
  static open(path: string, fileSystem: FolderFileSystem): FolderTarget {
    try {
      const isNew = makeFolder(path, fileSystem);
      const staging = new StagingFolder(join(path, STAGING_NAME), fileSystem);
      makeFolder(staging.path, fileSystem);
      const lock = PartLock.take(staging.lockPath, fileSystem);
      const target = new FolderTarget(path, { isNew, staging, lock, fileSystem });
      try {
        staging.sweep();
      } catch (error) {
        // Nobody has this one: the next try has to find the place free, with all that was left there.
        if (isNew) target.discard();
        else target.close();
        throw error;
      }
      return target;
    } catch (error) {
      throw fileErrorFrom(error, path);
    }
  }

  get lockPath(): string {
    return this.#staging.lockPath;
  }

  /** Whether nothing but our own hidden folder is there. */
  get isEmpty(): boolean {
    return this.#try(() => this.#fileSystem.readdirSync(this.#path).length === 1);
  }

  /** The list that an earlier download to the same place has kept. */
  recall(): Uint8Array | undefined {
    return this.#try(() => this.#staging.recall());
  }

  /** Keeps the list for a later download to the same place. It proves itself, so it need not be durable. */
  keep(manifest: Uint8Array): void {
    this.#try(() => this.#staging.keep(manifest));
  }

  /** Where an entry belongs. */
  pathOf({ path }: Pick<FolderEntry, 'path'>): string {
    const folder = folderOf(path);
    const name = localFileName(folder === '' ? path : path.slice(folder.length + 1), process.platform);
    return (this.#trusted.get(folder) ?? join(this.#path, ...localParts(folder))) + sep + name;
  }

  standingOf(entry: FolderEntry): Standing {
    return this.#try(() => {
      const folder = folderOf(entry.path);
      if (this.#empty.has(folder)) return 'missing';
      if (this.#standing.has(entry)) return 'done';
      if (!this.#trusts(folder)) return 'different';
      const found = this.#fileSystem.lstatSync(this.pathOf(entry), { throwIfNoEntry: false });
      if (found === undefined) return 'missing';
      if (!isSame(entry, found)) return 'different';
      this.#touched.add(folder);
      return 'done';
    });
  }

  /** Makes a folder unless it is there. */
  makeFolder(entry: FolderEntry): Standing {
    const standing = this.standingOf(entry);
    if (standing !== 'missing') return standing;
    this.#try(() => {
      const path = this.pathOf(entry);
      this.#fileSystem.mkdirSync(path, entry.mode | FOLDER_MODE_MIN);
      this.#touch(folderOf(entry.path));
      this.#trusted.set(entry.path, path);
      this.#empty.add(entry.path);
    });
    return 'done';
  }

  /** Makes a file whose bytes are all here, under a hidden name. */
  make(index: number, entry: FolderEntry): StagedFile {
    return this.#try(() => this.#stage(entry, { ...this.#staging.make(index, entry), isKept: false }));
  }

  /** Begins a file whose bytes come, under a hidden name; or goes on with what an earlier attempt has left of it, behind `from` bytes. */
  begin(entry: FolderEntry, from = 0): StagedFile {
    return this.#try(() => this.#stage(entry, { ...this.#staging.begin(entry, from), isKept: true }));
  }

  /** Those of some entries of which an earlier attempt has left something. What is left of others is removed. */
  begunAmong(entries: Iterable<readonly [number, FolderEntry]>): (readonly [number, FolderEntry])[] {
    return this.#try(() => this.#staging.begunAmong(entries));
  }

  /** What an earlier attempt has left of a file, open for reading; the caller closes it. */
  openLeft(entry: FolderEntry): number | undefined {
    return this.#try(() => this.#staging.openLeft(entry));
  }

  /** Removes everything but what the list has, in the places of the list: only for a folder that is nobody else's. */
  prune(entries: readonly FolderEntry[]): void {
    const byPath = new Map(entries.map((entry) => [localParts(entry.path).join('/'), entry]));
    this.#try(() => this.#pruneBelow('', byPath));
  }

  /** Gives a file that was fetched by itself the mode and the time that it has on the server. */
  dress(entry: FolderEntry): void {
    this.#try(() => {
      const path = this.pathOf(entry);
      this.#touch(folderOf(entry.path));
      const { mode } = this.#fileSystem.lstatSync(path);
      // What this process gives to nobody (its umask) it gives to nobody here either.
      const executable = (mode & 0o444) >>> 2;
      this.#fileSystem.chmodSync(path, (mode | executable) & (entry.mode | FILE_MODE_MIN));
      this.#fileSystem.utimesSync(path, entry.modifiedAt / 1000, entry.modifiedAt / 1000);
    });
  }

  /** Resolves when the files are durable, with what went wrong with each that is not. */
  sync(paths: readonly string[]): Promise<readonly (Error | undefined)[]> {
    return this.#syncer.sync(paths);
  }

  /** Everything is in its place: folders get their times, names become durable, and nothing hidden stays. */
  async finish(entries: readonly FolderEntry[]): Promise<void> {
    this.#lock.assertHeld();
    this.#staging.remove(() => this.#lock.release());
    const paths = [this.#path];
    this.#try(() => {
      // From the inside out: what is made in a folder changes its time.
      for (const entry of entries.toReversed()) {
        if (entry.kind !== 'folder' || this.standingOf(entry) !== 'done') continue;
        const path = this.pathOf(entry);
        this.#fileSystem.utimesSync(path, entry.modifiedAt / 1000, entry.modifiedAt / 1000);
        if (this.#touched.has(entry.path)) paths.push(path);
      }
    });
    try {
      await this.#syncer.syncFolders(paths);
      // It may be on another file system.
      await this.#syncer.syncFolders([dirname(this.#path)]);
    } catch (error) {
      throw fileErrorFrom(error, this.#path);
    } finally {
      this.#syncer.close();
    }
  }

  /** Leaves what is there for another time. Never throws. */
  close(): void {
    this.#syncer.close();
    this.#lock.release();
  }

  /** Removes what is not in its place, and the folder when nothing is in it. Never throws. */
  discard(): void {
    this.#syncer.close();
    const isOurs = this.#lock.isHeld;
    if (isOurs) this.#staging.remove(() => this.#lock.release());
    else this.#lock.release();
    try {
      if (isOurs && this.#isNew) this.#fileSystem.rmdirSync(this.#path);
    } catch {
      // Something is in it: that stays.
    }
  }

  #pruneBelow(folder: string, byPath: ReadonlyMap<string, FolderEntry>): void {
    for (const name of this.#fileSystem.readdirSync(join(this.#path, folder))) {
      if (folder === '' && name === STAGING_NAME) continue;
      const below = folder === '' ? name : `${folder}/${name}`;
      const entry = byPath.get(below);
      if (entry === undefined || this.standingOf(entry) !== 'done') {
        this.#fileSystem.rmSync(join(this.#path, below), { recursive: true });
        continue;
      }
      this.#standing.add(entry);
      if (entry.kind === 'folder') this.#pruneBelow(below, byPath);
    }
  }

  #touch(folder: string): void {
    this.#touched.add(folder);
    this.#empty.delete(folder);
  }

  #stage(
    entry: FolderEntry,
    { path, isKept, ...open }: ReturnType<StagingFolder['begin']> & { readonly isKept: boolean },
  ): StagedFile {
    this.#touch(folderOf(entry.path));
    const place = { path, target: this.pathOf(entry), isKept, assertOurs: () => this.#lock.assertAwake() };
    return new StagedFile(place, open, this.#fileSystem);
  }

  /** Whether a folder is one, and so are those in which it stands. */
  #trusts(folder: string): boolean {
    if (this.#trusted.has(folder)) return true;
    if (!this.#trusts(folderOf(folder))) return false;
    const path = join(this.#path, ...localParts(folder));
    const found = this.#fileSystem.lstatSync(path, { throwIfNoEntry: false });
    if (found === undefined) return true;
    if (!found.isDirectory()) return false;
    this.#trusted.set(folder, path);
    return true;
  }

  #try<Result>(run: () => Result): Result {
    try {
      this.#lock.assertAwake();
      return run();
    } catch (error) {
      throw fileErrorFrom(error, this.#path);
    }
  }
}

function isSame({ kind, size, modifiedAt }: FolderEntry, found: nodeFileSystem.Stats): boolean {
  if (kind === 'folder') return found.isDirectory();
  return found.isFile() && found.size === size && Math.abs(found.mtimeMs - modifiedAt) < TIME_TOLERANCE_MS;
}

/** True when it was not there. */
function makeFolder(path: string, fileSystem: FolderFileSystem): boolean {
  try {
    fileSystem.mkdirSync(path);
    return true;
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    if (fileSystem.lstatSync(path).isDirectory()) return false;
    throw new FileError('target-exists', `${path} exists already, is no folder, and was not touched`);
  }
}

/** The folder in which a path stands; empty for the target itself. */
function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function localParts(path: string): string[] {
  return path === '' ? [] : path.split('/').map((part) => localFileName(part, process.platform));
}
