import { join } from 'node:path';
import { PartLock, removeQuietly, type TargetFileSystem } from '@parley/folders';
import { ORPHAN_AGE_MS } from '../limits.ts';
import { companionsOf, isPartFileName } from './part-file-name.ts';

/**
 * Removes what downloads into `folder` have left behind for good: part files, and their companions, that nobody owns and
 * that nobody has touched for two weeks, or that have their final name already (the process died between the two).
 */
export function removeOrphans(folder: string, fileSystem: TargetFileSystem): void {
  let names: string[];
  try {
    names = fileSystem.readdirSync(folder);
  } catch {
    return;
  }
  for (const name of names) {
    const path = join(folder, name);
    if (isPartFileName(name) && isOrphan(path, fileSystem)) removeAlone(path, fileSystem);
  }
}

/** With the lock, which whoever goes on with a download takes first: not what somebody has, or has had just now. */
function removeAlone(path: string, fileSystem: TargetFileSystem): void {
  const { part, journal, lock: lockPath } = companionsOf(path);
  let lock: PartLock;
  try {
    lock = PartLock.take(lockPath, fileSystem);
  } catch {
    // Somebody goes on with it, or the disk takes no lock: another time.
    return;
  }
  if (isOrphan(path, fileSystem)) for (const left of [part, journal]) removeQuietly(fileSystem, left);
  lock.release();
}

/** The journal is written less often than the bytes: what counts for it is the age of its part file. */
function isOrphan(path: string, fileSystem: TargetFileSystem): boolean {
  try {
    const found =
      fileSystem.lstatSync(companionsOf(path).part, { throwIfNoEntry: false }) ??
      fileSystem.lstatSync(path, { throwIfNoEntry: false });
    if (found === undefined || !found.isFile()) return false;
    return found.nlink > 1 || Date.now() - found.mtimeMs > ORPHAN_AGE_MS;
  } catch {
    return false;
  }
}
