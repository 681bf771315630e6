import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FILE_PATH_PARTS_MAX, type FilePath, parseFilePath } from '@parley/protocol';
import { presence } from './presence.ts';

interface Folder {
  readonly path: string;
  readonly depth: number;
}

/** What a walk has come across. */
export interface FoundNames {
  /** What may be a shared file, and whether the folder says that it is a plain file; in no order. */
  readonly files: readonly { readonly name: FilePath; readonly isPlain: boolean }[];
  /** The folders that were read, the root (as an empty path) first. */
  readonly folders: readonly string[];
  /** What has no name that is ever served, lies too deep, or cannot be read. */
  readonly leftOut: readonly string[];
  /** There are more names than were asked for. */
  readonly isCut: boolean;
}

/**
 * Names below `root` that may be shared files. Links to folders are not followed, and neither depth nor number of names is
 * without bound. Rejects with the error of the system when `root` cannot be read.
 */
// CHAT-LIST-4
export async function walkFolder(root: string, namesMax: number): Promise<FoundNames> {
  const files: { readonly name: FilePath; readonly isPlain: boolean }[] = [];
  const folders: Folder[] = [{ path: '', depth: 1 }];
  const leftOut: string[] = [];
  let namesLeft = namesMax;
  let count = 0;
  // Those that are found on the way are read in their turn.
  for (const folder of folders) {
    if (namesLeft < 0) break;
    count += 1;
    const isRoot = folder.path === '';
    const entries = isRoot ? await readRoot(root) : await readEntries(join(root, folder.path));
    if (entries === undefined) leftOut.push(folder.path);
    for (const entry of (entries ?? []).slice(0, namesLeft)) {
      const name = isRoot ? entry.name : `${folder.path}/${entry.name}`;
      const path = parseFilePath(name);
      if (!path.ok || (entry.isDirectory() && folder.depth >= FILE_PATH_PARTS_MAX)) leftOut.push(name);
      else if (entry.isDirectory()) folders.push({ path: path.value, depth: folder.depth + 1 });
      else files.push({ name: path.value, isPlain: entry.isFile() });
    }
    namesLeft -= entries?.length ?? 0;
  }
  const isCut = namesLeft < 0 || count < folders.length;
  return { files, folders: folders.slice(0, count).map(({ path }) => path), leftOut, isCut };
}

/** What a folder holds; `undefined` when it went away, or is not ours to see. */
export async function readEntries(folder: string): Promise<readonly Dirent[] | undefined> {
  return presence(() => readRoot(folder));
}

async function readRoot(folder: string): Promise<readonly Dirent[]> {
  return readdir(folder, { withFileTypes: true });
}
