import { createHash, randomUUID } from 'node:crypto';
import type { Stats } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { FileError } from './file-error.ts';
import { isSameFile } from './same-file.ts';
import {
  codeOf,
  createFile,
  readAnyFile,
  removeQuietly,
  type TargetFileSystem,
  writeFully,
} from './target-file-system.ts';

/** A lock says that its owner lives this often … */
const HEARTBEAT_MS = 10_000;
/** … and after this silence the owner is gone: a process elsewhere that was killed, or a number that another process has now. */
const STALE_AFTER_MS = 60_000;
/** Who has not touched its lock for so long has slept, and may have been taken for gone meanwhile: it looks before it writes. */
const SLEPT_AFTER_MS = 3 * HEARTBEAT_MS;
const LOCK_BYTES_MAX = 4_096;
/** A name that `isPartFileName` of the downloads knows, so that what a killed process leaves under it is removed some day. */
const ASIDE_DIGITS = 12;

/** Who holds a lock. */
interface Owner {
  readonly pid: number;
  readonly host: string;
  readonly token: string;
}

/** One writer at a time for one part file: a small file that names its owner, which touches it while it lives. */
export class PartLock {
  readonly #path: string;
  readonly #fileSystem: TargetFileSystem;
  readonly #token = randomUUID();
  readonly #descriptor: number;
  readonly #heartbeat: NodeJS.Timeout;
  /** By the wall clock: others do not stand still while a machine sleeps. */
  #touchedAt = Date.now();

  private constructor(path: string, fileSystem: TargetFileSystem) {
    this.#path = path;
    this.#fileSystem = fileSystem;
    this.#descriptor = createFile(fileSystem, path);
    const owner: Owner = { pid: process.pid, host: hostname(), token: this.#token };
    try {
      writeFully(fileSystem, this.#descriptor, Buffer.from(JSON.stringify(owner)), 0);
    } catch (error) {
      removeQuietly(fileSystem, path);
      fileSystem.closeSync(this.#descriptor);
      throw error;
    }
    this.#heartbeat = setInterval(() => this.#beat(), HEARTBEAT_MS);
    this.#heartbeat.unref();
  }

  /** Throws `target-busy` when another one holds the lock, and errors of the system. */
  static take(path: string, fileSystem: TargetFileSystem): PartLock {
    try {
      return new PartLock(path, fileSystem);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    const found = fileSystem.lstatSync(path, { throwIfNoEntry: false });
    const owner = liveOwner(path, fileSystem);
    if (owner !== undefined) throw busy(owner);
    if (found !== undefined) takeAway(path, found, fileSystem);
    try {
      return new PartLock(path, fileSystem);
    } catch (error) {
      // Somebody else has found it free at the same time.
      throw codeOf(error) === 'EEXIST' ? busy(undefined) : error;
    }
  }

  /** False when somebody else took this owner for dead, or nobody can tell. */
  get isHeld(): boolean {
    try {
      return readOwner(this.#path, this.#fileSystem)?.token === this.#token;
    } catch {
      return false;
    }
  }

  /** Throws `target-busy` when somebody else took this owner for dead: it slept, perhaps with its machine. */
  assertHeld(): void {
    const owner = readOwner(this.#path, this.#fileSystem);
    if (owner?.token !== this.#token) throw busy(owner);
  }

  /**
   * Before each write: the same when this process has slept for so long that somebody may have taken it for dead. Touches the lock before
   * it looks: whoever takes it away at this moment sees that, and puts it back.
   */
  assertAwake(): void {
    if (!this.#hasSlept) return;
    this.#touch();
    this.#touchedAt = Number.NEGATIVE_INFINITY;
    this.assertHeld();
    this.#touchedAt = Date.now();
  }

  /** May be called twice. */
  release(): void {
    clearInterval(this.#heartbeat);
    this.#touch();
    if (this.isHeld) removeQuietly(this.#fileSystem, this.#path);
    try {
      this.#fileSystem.closeSync(this.#descriptor);
    } catch {
      // Released before, or a disk that fails: the lock gets old by itself.
    }
  }

  /** Either way: a clock that was set counts, and costs one look. */
  get #hasSlept(): boolean {
    return Math.abs(Date.now() - this.#touchedAt) > SLEPT_AFTER_MS;
  }

  #beat(): void {
    if (!this.#hasSlept) {
      this.#touch();
      return;
    }
    try {
      this.assertAwake();
    } catch {
      // Whoever writes next hears of it.
    }
  }

  #touch(): void {
    const now = Date.now();
    this.#touchedAt = now;
    try {
      this.#fileSystem.futimesSync(this.#descriptor, now / 1000, now / 1000);
    } catch {
      // The disk fails: the download will notice.
    }
  }
}

/**
 * Takes a dead lock away: moves it aside first, which one process alone can do, and looks whether it is still the one that was `found`. One
 * that is not, or was touched since, is somebody's who lives, and is put back: throws `target-busy` then.
 */
function takeAway(path: string, found: Stats, fileSystem: TargetFileSystem): void {
  const aside = asideOf(path, found);
  try {
    fileSystem.renameSync(path, aside);
  } catch (error) {
    // Its owner, or somebody else, was faster.
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  const moved = fileSystem.lstatSync(aside, { throwIfNoEntry: false });
  const isDead = isSameFile(moved, found) && moved?.mtimeMs === found.mtimeMs;
  if (isDead) {
    removeQuietly(fileSystem, aside);
    return;
  }
  // When somebody has the place meanwhile, whoever lost it finds out before it notes anything down.
  if (fileSystem.lstatSync(path, { throwIfNoEntry: false }) === undefined) fileSystem.renameSync(aside, path);
  else removeQuietly(fileSystem, aside);
  throw busy(readOwner(path, fileSystem));
}

/** A name that nobody else moves anything to: only one thread has this number, on this machine. */
function asideOf(path: string, found: Stats): string {
  const mover = [hostname(), process.pid, threadId].join(' ');
  const what = createHash('sha256').update(`${mover} ${path} ${found.ino} ${found.mtimeMs}`);
  return join(dirname(path), `.gone.${what.digest('hex').slice(0, ASIDE_DIGITS)}.part-lock`);
}

/** Who holds the lock and lives; a lock without a readable owner counts as old as its file. */
function liveOwner(path: string, fileSystem: TargetFileSystem): Partial<Owner> | undefined {
  const found = fileSystem.lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return undefined;
  // Nobody who lives has touched what comes from the future: a clock was set back since.
  if (!found.isFile() || Math.abs(Date.now() - found.mtimeMs) > STALE_AFTER_MS) return undefined;
  const owner = readOwner(path, fileSystem);
  if (owner?.host === hostname() && owner.pid !== undefined && !isAlive(owner.pid)) return undefined;
  return owner ?? {};
}

function readOwner(path: string, fileSystem: TargetFileSystem): Partial<Owner> | undefined {
  const bytes = readAnyFile(fileSystem, path, LOCK_BYTES_MAX);
  if (bytes === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    // Killed between making the file and writing into it.
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}

function busy(owner: Partial<Owner> | undefined): FileError {
  const who = owner?.pid === undefined ? '' : ` (process ${owner.pid} on ${owner.host})`;
  return new FileError('target-busy', `another download is going to the same place${who}`);
}
