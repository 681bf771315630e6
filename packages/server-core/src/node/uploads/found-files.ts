import { lstat, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { findEach, presence } from '@parley/folders';

/** A regular file, or what is left of a folder, by its name in its folder. */
export interface FoundFile {
  readonly name: string;
  readonly size: number;
  /** Of what is left of a folder. */
  readonly entries?: number;
  /** Milliseconds since 1970. */
  readonly modifiedAt: number;
}

/** Those of the names that are regular files. */
export function filesIn(folder: string, names: readonly string[]): Promise<FoundFile[]> {
  return findEach(names, (name) =>
    presence(async () => {
      const stats = await lstat(join(folder, name));
      return stats.isFile() ? { name, size: stats.size, modifiedAt: stats.mtimeMs } : undefined;
    }),
  );
}

/** Removes those that are old; gives the others, and what could not be removed. */
export async function withoutOld(
  folder: string,
  files: readonly FoundFile[],
  isOld: (file: FoundFile) => boolean,
): Promise<FoundFile[]> {
  const kept: FoundFile[] = [];
  for (const file of files) {
    const isRemoved =
      isOld(file) &&
      (await rm(join(folder, file.name), { recursive: true }).then(
        () => true,
        () => false,
      ));
    if (!isRemoved) kept.push(file);
  }
  return kept;
}

/** What the disk has left. */
export async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
