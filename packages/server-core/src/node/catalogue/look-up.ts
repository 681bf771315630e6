import type { Dirent } from 'node:fs';
import { join } from 'node:path';
import {
  describeFile,
  type FolderListing,
  type Look,
  presence,
  readEntries,
  readFolder,
  type SharedFile,
} from '@parley/folders';
import { type FilePath, parseFilePath } from '@parley/protocol';

// Only what the folders list is looked up, part by part, so that no spelling that a file system also accepts (streams, short
// names, other case, devices) leads anywhere. `root` has to be free of links.

/** The file at that path below `root`, `undefined` when there is none. */
// CHAT-LIST-4
export async function findFile(root: string, path: FilePath): Promise<SharedFile | undefined> {
  const listed = await lookUp(root, path, 'file');
  return listed === undefined ? undefined : describeFile(root, listed);
}

/** Whether a folder stands at that path below `root`. */
export async function isFolderAt(root: string, path: FilePath): Promise<boolean> {
  return (await lookUp(root, path, 'folder')) !== undefined;
}

/** Where a folder is that somebody asks for. */
export interface FolderPlace {
  /** Free of links. */
  readonly root: string;
  /** Its path below the root, as it was asked for; empty for the root itself. */
  readonly below: FilePath | '';
  /** What clients know it as. */
  readonly name: FilePath;
}

/** What stands below a folder, `undefined` when there is none. Throws `FolderSizeError`. */
// CHAT-FOLDER-2
export async function listFolder(
  { root, below, name }: FolderPlace,
  look?: Look,
): Promise<FolderListing | undefined> {
  if (below === '') return presence(() => readFolder(root, '', { name, look }));
  const listed = await lookUp(root, below, 'folder');
  return listed === undefined ? undefined : readFolder(root, listed, { name, look });
}

/** The path as the folders list it, when it leads to what is wanted. */
async function lookUp(
  root: string,
  path: FilePath,
  wanted: 'file' | 'folder',
): Promise<FilePath | undefined> {
  const parts = path.split('/');
  const found: string[] = [];
  for (const [index, part] of parts.entries()) {
    const entry = await findEntry(join(root, ...found), part);
    // A folder is no file, and a file or a link to a folder is no folder.
    const isFolderWanted = wanted === 'folder' || index < parts.length - 1;
    if (entry === undefined || entry.isDirectory() !== isFolderWanted) return undefined;
    found.push(entry.name);
  }
  const listed = parseFilePath(found.join('/'));
  return listed.ok ? listed.value : undefined;
}

async function findEntry(folder: string, name: string): Promise<Dirent | undefined> {
  const entries = (await readEntries(folder)) ?? [];
  const wanted = name.normalize('NFC');
  return (
    entries.find((entry) => entry.name === name) ??
    entries.find((entry) => entry.name.normalize('NFC') === wanted)
  );
}
