import * as nodeFileSystem from 'node:fs';
import { isSameFile } from './same-file.ts';

/** What downloads need of `node:fs`; tests give one that fails on purpose. */
export type TargetFileSystem = Pick<
  typeof nodeFileSystem,
  | 'closeSync'
  | 'fstatSync'
  | 'fsync'
  | 'fsyncSync'
  | 'ftruncateSync'
  | 'futimesSync'
  | 'linkSync'
  | 'lstatSync'
  | 'openSync'
  | 'read'
  | 'readdirSync'
  | 'readSync'
  | 'renameSync'
  | 'unlinkSync'
  | 'writeSync'
>;

/** What a file system says that has no hard links: there a rename has to do. */
const NO_LINK_CODES: ReadonlySet<string> = new Set([
  'EPERM',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EMLINK',
  'EXDEV',
]);

const { O_CREAT, O_EXCL, O_NOFOLLOW = 0, O_NONBLOCK = 0, O_RDONLY, O_RDWR } = nodeFileSystem.constants;

/** What systems say on which a directory cannot be synced. */
const NO_DIRECTORY_SYNC_CODES: ReadonlySet<string> = new Set([
  'EACCES',
  'EBADF',
  'EINVAL',
  'EISDIR',
  'ENOTSUP',
  'EPERM',
]);

/**
 * Gives a file its final name, unless something has that: throws `EEXIST`. A link, unlike a rename, never replaces what came there in this
 * moment; where there are no links it is looked for just before. Says whether the former name is there still. A server of files (NFS) whose
 * answer is lost is asked again, and finds the name taken by what it has just put there: that is no failure.
 */
export function giveName(
  fileSystem: Pick<TargetFileSystem, 'linkSync' | 'lstatSync' | 'renameSync'>,
  path: string,
  target: string,
): 'linked' | 'moved' {
  try {
    fileSystem.linkSync(path, target);
    return 'linked';
  } catch (error) {
    if (codeOf(error) === 'EEXIST' && haveOneFile(fileSystem, path, target)) return 'linked';
    if (!NO_LINK_CODES.has(codeOf(error))) throw error;
  }
  if (fileSystem.lstatSync(target, { throwIfNoEntry: false }) !== undefined) {
    throw Object.assign(new Error('the name is taken'), { code: 'EEXIST' });
  }
  fileSystem.renameSync(path, target);
  return 'moved';
}

function haveOneFile(fileSystem: Pick<TargetFileSystem, 'lstatSync'>, path: string, target: string): boolean {
  const [one, other] = [path, target].map((name) => fileSystem.lstatSync(name, { throwIfNoEntry: false }));
  return isSameFile(one, other);
}

/** The code of an error of the system. */
export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown';
}

/** Creates a file that nobody has; throws `EEXIST` otherwise. */
export function createFile(fileSystem: TargetFileSystem, path: string): number {
  return fileSystem.openSync(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o666);
}

/**
 * Opens a file of our own, `undefined` when there is none. What is not a plain file of ours under one name (a link, a
 * pipe, the file of somebody else) was put there by somebody: it is never followed, read or written, but its name is taken away.
 */
export function openOwnFile(fileSystem: TargetFileSystem, path: string): number | undefined {
  const found = fileSystem.lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return undefined;
  if (isOwn(found)) {
    const descriptor = fileSystem.openSync(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK);
    const isSame = closingOnError(fileSystem, descriptor, () => {
      const opened = fileSystem.fstatSync(descriptor);
      return isOwn(opened) && isSameFile(opened, found);
    });
    if (isSame) return descriptor;
    fileSystem.closeSync(descriptor);
  }
  fileSystem.unlinkSync(path);
  return undefined;
}

/** Reads a small file of our own whole, `undefined` when there is none or it is larger than `bytesMax`. */
export function readOwnFile(
  fileSystem: TargetFileSystem,
  path: string,
  bytesMax: number,
): Uint8Array | undefined {
  const descriptor = openOwnFile(fileSystem, path);
  return descriptor === undefined ? undefined : readOpenFile(fileSystem, descriptor, bytesMax);
}

/** The same, of whatever file stands there: nothing is taken away, since somebody else may put one there at any moment. */
export function readAnyFile(
  fileSystem: TargetFileSystem,
  path: string,
  bytesMax: number,
): Uint8Array | undefined {
  let descriptor: number;
  try {
    descriptor = fileSystem.openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ELOOP') return undefined;
    throw error;
  }
  return readOpenFile(fileSystem, descriptor, bytesMax);
}

/** Reads an open file whole, `undefined` when it is none or larger than `bytesMax`, and closes it. */
function readOpenFile(
  fileSystem: TargetFileSystem,
  descriptor: number,
  bytesMax: number,
): Uint8Array | undefined {
  try {
    const stats = fileSystem.fstatSync(descriptor);
    const { size } = stats;
    if (!stats.isFile() || size > bytesMax) return undefined;
    const bytes = new Uint8Array(size);
    for (let offset = 0; offset < size; ) {
      const count = fileSystem.readSync(descriptor, bytes, offset, size - offset, offset);
      if (count === 0) return bytes.subarray(0, offset);
      offset += count;
    }
    return bytes;
  } finally {
    fileSystem.closeSync(descriptor);
  }
}

/** Does what has to be done before somebody holds `descriptor`, which is closed when that fails. */
export function closingOnError<Result>(
  fileSystem: TargetFileSystem,
  descriptor: number,
  run: () => Result,
): Result {
  try {
    return run();
  } catch (error) {
    closeQuietly(fileSystem, descriptor);
    throw error;
  }
}

/** Closes a descriptor: whatever the system says, it is gone. */
export function closeQuietly(fileSystem: Pick<TargetFileSystem, 'closeSync'>, descriptor: number): void {
  try {
    fileSystem.closeSync(descriptor);
  } catch {
    // What was written and not synced may be lost; nobody relies on it.
  }
}

/** Writes all of `bytes` at `position`: a disk that fills up takes a part first and refuses the rest. */
export function writeFully(
  fileSystem: TargetFileSystem,
  descriptor: number,
  bytes: Uint8Array,
  position: number,
): void {
  for (let written = 0; written < bytes.byteLength; ) {
    const rest = bytes.byteLength - written;
    written += fileSystem.writeSync(descriptor, bytes, written, rest, position + written);
  }
}

/** Whether an error says that folders cannot be synced here. */
export function cannotBeSynced(error: unknown): boolean {
  return NO_DIRECTORY_SYNC_CODES.has(codeOf(error));
}

/** Opens a folder to be synced; `undefined` where the system cannot. */
export function openFolder(fileSystem: TargetFileSystem, folder: string): number | undefined {
  try {
    return fileSystem.openSync(folder, 'r');
  } catch (error) {
    if (cannotBeSynced(error)) return undefined;
    throw error;
  }
}

/** Makes the names in a folder durable, where the system can. */
export function syncFolder(fileSystem: TargetFileSystem, folder: string): void {
  const descriptor = openFolder(fileSystem, folder);
  if (descriptor === undefined) return;
  try {
    fileSystem.fsyncSync(descriptor);
  } catch (error) {
    if (!cannotBeSynced(error)) throw error;
  } finally {
    fileSystem.closeSync(descriptor);
  }
}

/** Takes a name away if it is there; whoever calls this has nothing better to do when it cannot be. */
export function removeQuietly(fileSystem: TargetFileSystem, path: string): void {
  try {
    fileSystem.unlinkSync(path);
  } catch {
    // Gone already, or not ours to remove.
  }
}

function isOwn(stats: nodeFileSystem.Stats): boolean {
  const isMine = process.getuid === undefined || stats.uid === process.getuid();
  return stats.isFile() && stats.nlink === 1 && isMine;
}
