import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { FileError } from './file-error.ts';
import {
  codeOf,
  createFile,
  readOwnFile,
  removeQuietly,
  type TargetFileSystem,
  writeFully,
} from './target-file-system.ts';

/** A lock says that its owner lives this often … */
const HEARTBEAT_MS = 10_000;
/** … and after this silence the owner is gone: a process elsewhere that was killed, or a number that another process has now. */
const STALE_AFTER_MS = 60_000;
const LOCK_BYTES_MAX = 4_096;

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
    this.#heartbeat = setInterval(() => this.#touch(), HEARTBEAT_MS);
    this.#heartbeat.unref();
  }

  /** Throws `target-busy` when another one holds the lock, and errors of the system. */
  static take(path: string, fileSystem: TargetFileSystem): PartLock {
    try {
      return new PartLock(path, fileSystem);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    const owner = liveOwner(path, fileSystem);
    if (owner !== undefined) throw busy(owner);
    removeQuietly(fileSystem, path);
    const lock = new PartLock(path, fileSystem);
    // Two that find a dead owner at once may both take its place: the later one has it.
    try {
      lock.assertHeld();
    } catch (error) {
      lock.release();
      throw error;
    }
    return lock;
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

  /** May be called twice. */
  release(): void {
    clearInterval(this.#heartbeat);
    if (this.isHeld) removeQuietly(this.#fileSystem, this.#path);
    try {
      this.#fileSystem.closeSync(this.#descriptor);
    } catch {
      // Released before, or a disk that fails: the lock gets old by itself.
    }
  }

  #touch(): void {
    try {
      const now = Date.now() / 1000;
      this.#fileSystem.futimesSync(this.#descriptor, now, now);
    } catch {
      // The disk fails: the download will notice.
    }
  }
}

/** Who holds the lock and lives; a lock without a readable owner counts as old as its file. */
export function liveOwner(path: string, fileSystem: TargetFileSystem): Partial<Owner> | undefined {
  const found = fileSystem.lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return undefined;
  // Nobody who lives has touched what comes from the future: a clock was set back since.
  if (!found.isFile() || Math.abs(Date.now() - found.mtimeMs) > STALE_AFTER_MS) return undefined;
  const owner = readOwner(path, fileSystem);
  if (owner?.host === hostname() && owner.pid !== undefined && !isAlive(owner.pid)) return undefined;
  return owner ?? {};
}

function readOwner(path: string, fileSystem: TargetFileSystem): Partial<Owner> | undefined {
  const bytes = readOwnFile(fileSystem, path, LOCK_BYTES_MAX);
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
