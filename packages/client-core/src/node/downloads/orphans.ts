import { join } from 'node:path';
import { liveOwner, removeQuietly, type TargetFileSystem } from '@parley/folders';
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
    if (!isPartFileName(name)) continue;
    const path = join(folder, name);
    const { part, journal, lock } = companionsOf(path);
    if (!isOrphan(path, fileSystem) || liveOwner(lock, fileSystem) !== undefined) continue;
    for (const companion of [part, journal, lock]) removeQuietly(fileSystem, companion);
  }
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
