import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { type FilePath, FOLDER_ENTRIES_MAX, type FolderEntry, parseFilePath } from '@parley/protocol';
import { LOOKS_AT_A_TIME } from './limits.ts';
import { describeFile, describePlainFile } from './shared-file.ts';
import type { AnnouncedFile } from './source-file.ts';
import { isAbsence, walkFolder } from './walk-folder.ts';

/** What stands below a shared folder, in the order of its list. */
export interface FolderListing {
  readonly entries: readonly FolderEntry[];
  /** Where each file really stands; nothing at the place of a folder. */
  readonly files: readonly (AnnouncedFile | undefined)[];
  /** Paths of what stands there too and is not in the list: what is hidden, devices, links that lead out, what cannot be read. */
  readonly leftOut: readonly string[];
}

/** A folder with more in it than a list may have. */
export class FolderSizeError extends Error {
  override readonly name = 'FolderSizeError';
}

interface Found {
  readonly entry: FolderEntry;
  readonly file: AnnouncedFile | undefined;
}

/** Permission bits: what else a mode says is nobody's business. */
const PERMISSIONS = 0o777;

/**
 * Reads what stands below the folder `below` (empty for `root` itself) of `root`, both free of links. `name` is what it is called for those who get
 * it, whose paths have bounds. Throws `FolderSizeError`, or the error of the system.
 */
// CHAT-FOLDER-2, CHAT-LIST-4
export async function readFolder(
  root: string,
  below: FilePath | '',
  name: string = below,
): Promise<FolderListing> {
  const folder = join(root, below);
  const { files, folders, leftOut } = await walkFolder(folder, FOLDER_ENTRIES_MAX + 1);
  const inner = folders
    .slice(1)
    .map((path) => ({ path: path as FilePath, look: () => describeFolder(folder, path) }));
  const looks = files.map(({ name: path, isPlain }) => ({
    path,
    look: () => describe(root, below, path, isPlain),
  }));
  const all = [...inner, ...looks].filter(({ path }) => parseFilePath(`${name}/${path}`).ok);
  if (all.length > FOLDER_ENTRIES_MAX) throw new FolderSizeError(`more than ${FOLDER_ENTRIES_MAX} entries`);
  const found: Found[] = [];
  for (let index = 0; index < all.length; index += LOOKS_AT_A_TIME) {
    const some = all.slice(index, index + LOOKS_AT_A_TIME).map(({ look }) => look());
    for (const one of await Promise.all(some)) if (one !== undefined) found.push(one);
  }
  const { entries, files: paths } = inOrder(found);
  const kept = new Set<string>(entries.map(({ path }) => path));
  const lost = [...folders.slice(1), ...files.map(({ name: path }) => path)].filter(
    (path) => !kept.has(path),
  );
  // A folder that cannot be read is in the list, without what is in it.
  return { entries, files: paths, leftOut: [...new Set([...leftOut, ...lost])] };
}

/** By path; without what lost its folder while it was looked at. */
function inOrder(found: Found[]): Pick<FolderListing, 'entries' | 'files'> {
  found.sort((left, right) => (left.entry.path < right.entry.path ? -1 : 1));
  const folders = new Set(['']);
  const kept = found.filter(({ entry: { kind, path } }) => {
    const isThere = folders.has(path.slice(0, Math.max(0, path.lastIndexOf('/'))));
    if (isThere && kind === 'folder') folders.add(path);
    return isThere;
  });
  return { entries: kept.map(({ entry }) => entry), files: kept.map(({ file }) => file) };
}

async function describeFolder(folder: string, path: string): Promise<Found | undefined> {
  try {
    const stats = await lstat(join(folder, path));
    if (!stats.isDirectory()) return undefined;
    const modifiedAt = Math.max(0, Math.floor(stats.mtimeMs));
    const mode = stats.mode & PERMISSIONS;
    return { entry: { kind: 'folder', path: path as FilePath, mode, modifiedAt, size: 0 }, file: undefined };
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

async function describe(
  root: string,
  below: FilePath | '',
  path: FilePath,
  isPlain: boolean,
): Promise<Found | undefined> {
  const full = below === '' ? path : (`${below}/${path}` as FilePath);
  const file = await (isPlain ? describePlainFile : describeFile)(root, full);
  if (file === undefined) return undefined;
  const { size, modifiedAt, mode } = file;
  return { entry: { kind: 'file', path, mode: mode & PERMISSIONS, modifiedAt, size }, file };
}
