import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FILE_PATH_PARTS_MAX, type FilePath, parseFilePath } from '@parley/protocol';
import { CATALOGUE_NAMES_MAX } from './limits.ts';

interface Folder {
  readonly path: string;
  readonly depth: number;
}

/**
 * Paths below `root` that may be shared files, ascending by UTF-16 code units. Links to folders are not followed, and
 * neither depth nor number of names is without bound. Rejects with the error of the system when `root` cannot be read.
 */
// CHAT-LIST-4
export async function walkFolder(root: string, namesMax = CATALOGUE_NAMES_MAX): Promise<FilePath[]> {
  const paths: FilePath[] = [];
  const folders: Folder[] = [{ path: '', depth: 1 }];
  let namesLeft = namesMax;
  for (let folder = folders.shift(); folder !== undefined && namesLeft > 0; folder = folders.shift()) {
    const isRoot = folder.path === '';
    const entries = isRoot ? await readRoot(root) : await readEntries(join(root, folder.path));
    for (const entry of (entries ?? []).slice(0, namesLeft)) {
      const path = parseFilePath(isRoot ? entry.name : `${folder.path}/${entry.name}`);
      if (!path.ok) continue;
      if (!entry.isDirectory()) paths.push(path.value);
      else if (folder.depth < FILE_PATH_PARTS_MAX)
        folders.push({ path: path.value, depth: folder.depth + 1 });
    }
    namesLeft -= entries?.length ?? 0;
  }
  return paths.sort((left, right) => (left < right ? -1 : 1));
}

/** What a folder holds; `undefined` when it went away, or is not ours to see. */
export async function readEntries(folder: string): Promise<readonly Dirent[] | undefined> {
  try {
    return await readRoot(folder);
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

/** Whether an error of the system says that there is nothing for us at a path. */
export function isAbsence(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'EACCES' || code === 'ELOOP' || code === 'ENOTDIR';
}

async function readRoot(folder: string): Promise<readonly Dirent[]> {
  return readdir(folder, { withFileTypes: true });
}
