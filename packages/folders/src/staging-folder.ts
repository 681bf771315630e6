import { createHash } from 'node:crypto';
import * as nodeFileSystem from 'node:fs';
import { join, sep } from 'node:path';
import { FOLDER_MANIFEST_BYTES_MAX, type FolderEntry } from '@parley/protocol';
import { FileError } from './file-error.ts';
import {
  closingOnError,
  createFile,
  openOwnFile,
  readOwnFile,
  removeQuietly,
  type TargetFileSystem,
  writeFully,
} from './target-file-system.ts';

const MANIFEST_NAME = 'manifest';
const LOCK_NAME = 'lock';
const SWEPT_NAME = /^\d+$|\.part-lock$/;
/** What is called so is gone on with in another attempt: the digits stand for path, size and time of the file. */
const BEGUN_NAME = /^begun-[0-9a-f]{32}$/;
const BEGUN_DIGITS = 32;

/** Whoever gets a folder can go on with it, whatever the server's folder allowed. */
const FILE_MODE_MIN = 0o600;

const { O_CREAT, O_EXCL, O_NOFOLLOW = 0, O_WRONLY } = nodeFileSystem.constants;
const NEW_FILE = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW;

/** A file that was opened for what comes next of it. */
interface OpenStagedFile {
  readonly path: string;
  readonly descriptor: number;
  /** Bytes that are there. */
  readonly position: number;
}

/** The hidden folder in which files stand until they get their places. Throws errors of the system, and `FileError`s. */
export class StagingFolder {
  readonly path: string;
  readonly #fileSystem: TargetFileSystem & Pick<typeof nodeFileSystem, 'rmdirSync'>;

  constructor(path: string, fileSystem: TargetFileSystem & Pick<typeof nodeFileSystem, 'rmdirSync'>) {
    this.path = path;
    this.#fileSystem = fileSystem;
  }

  get lockPath(): string {
    return join(this.path, LOCK_NAME);
  }

  /** The list that an earlier download to the same place has kept. */
  recall(): Uint8Array | undefined {
    return readOwnFile(this.#fileSystem, this.#manifestPath, FOLDER_MANIFEST_BYTES_MAX);
  }

  /** Keeps the list for a later download to the same place. It proves itself, so it need not be durable. */
  keep(manifest: Uint8Array): void {
    removeQuietly(this.#fileSystem, this.#manifestPath);
    const descriptor = createFile(this.#fileSystem, this.#manifestPath);
    closingOnError(this.#fileSystem, descriptor, () => writeFully(this.#fileSystem, descriptor, manifest, 0));
    this.#fileSystem.closeSync(descriptor);
  }

  /** Makes a file whose bytes are all here. */
  make(index: number, { mode }: FolderEntry): OpenStagedFile {
    const path = this.path + sep + index;
    const descriptor = this.#fileSystem.openSync(path, NEW_FILE, mode | FILE_MODE_MIN);
    return { path, descriptor, position: 0 };
  }

  /** Begins a file whose bytes come; or goes on with what an earlier attempt has left of it, behind `from` bytes. */
  begin(entry: FolderEntry, from: number): OpenStagedFile {
    const path = this.#begunPath(entry);
    if (from === 0) removeQuietly(this.#fileSystem, path);
    const flags = from > 0 ? O_WRONLY | O_NOFOLLOW : NEW_FILE;
    const descriptor = this.#fileSystem.openSync(path, flags, entry.mode | FILE_MODE_MIN);
    if (from > 0) closingOnError(this.#fileSystem, descriptor, () => this.#cut(descriptor, from));
    return { path, descriptor, position: from };
  }

  /** Those of some entries of which an earlier attempt has left something. What is left of others is removed. */
  begunAmong(entries: Iterable<readonly [number, FolderEntry]>): (readonly [number, FolderEntry])[] {
    const names = new Set(this.#fileSystem.readdirSync(this.path).filter((name) => BEGUN_NAME.test(name)));
    const begun: (readonly [number, FolderEntry])[] = [];
    for (const one of entries) {
      if (names.size === 0) break;
      if (names.delete(begunName(one[1]))) begun.push(one);
    }
    for (const name of names) removeQuietly(this.#fileSystem, join(this.path, name));
    return begun;
  }

  /** What an earlier attempt has left of a file, open for reading; the caller closes it. */
  openLeft(entry: FolderEntry): number | undefined {
    return openOwnFile(this.#fileSystem, this.#begunPath(entry));
  }

  /** Removes files that an earlier life had whole and did not bring to their places, and locks that it was about to remove. */
  sweep(): void {
    for (const name of this.#fileSystem.readdirSync(this.path)) {
      if (SWEPT_NAME.test(name)) removeQuietly(this.#fileSystem, join(this.path, name));
    }
  }

  /** Removes all that is in it, of which the lock is the last, and itself. Never throws: what cannot be removed now the next download to the same place removes. */
  remove(releaseLock: () => void): void {
    try {
      this.sweep();
      this.begunAmong([]);
    } catch {
      // The disk fails.
    }
    removeQuietly(this.#fileSystem, this.#manifestPath);
    releaseLock();
    try {
      this.#fileSystem.rmdirSync(this.path);
    } catch {
      // Something is left in it.
    }
  }

  /** Leaves so many bytes of a file; there have to be as many. */
  #cut(descriptor: number, bytes: number): void {
    const { size } = this.#fileSystem.fstatSync(descriptor);
    if (size < bytes) {
      throw new FileError('disk-error', `somebody has changed what was kept in ${this.path}`);
    }
    this.#fileSystem.ftruncateSync(descriptor, bytes);
  }

  get #manifestPath(): string {
    return join(this.path, MANIFEST_NAME);
  }

  #begunPath(entry: FolderEntry): string {
    return this.path + sep + begunName(entry);
  }
}

function begunName({ path, size, modifiedAt }: FolderEntry): string {
  const digest = createHash('sha256').update(`${size} ${modifiedAt} ${path}`).digest('hex');
  return `begun-${digest.slice(0, BEGUN_DIGITS)}`;
}
