import { join } from 'node:path';
import { type FilePath, FOLDER_ENTRIES_MAX, type FolderEntry, parseFilePath } from '@parley/protocol';
import { findEach, type Look, lookAside, presence } from './presence.ts';
import { describeFound, type SharedFile } from './shared-file.ts';
import { walkFolder } from './walk-folder.ts';

/** What stands below a shared folder, in the order of its list. */
export interface FolderListing {
  readonly entries: readonly FolderEntry[];
  /** Where each file really stands; nothing at the place of a folder. */
  readonly files: readonly (SharedFile | undefined)[];
  /** Paths of what stands there too and is not in the list: what is hidden, devices, links that lead out, what cannot be read. */
  readonly leftOut: readonly string[];
}

/** A folder with more in it than a list may have. */
export class FolderSizeError extends Error {
  override readonly name = 'FolderSizeError';
}

interface Found {
  readonly entry: FolderEntry;
  readonly file: SharedFile | undefined;
}

/** Permission bits: what else a mode says is nobody's business. */
const PERMISSIONS = 0o777;

/** How a folder is read. */
interface FolderReadingOptions {
  /** What the folder is called for those who get it, whose paths have bounds; its path below the root unless given. */
  readonly name?: string;
  readonly entriesMax?: number;
  /** How each name is looked at: aside, unless this thread may wait for the disk. */
  readonly look?: Look | undefined;
}

/** Reads what stands below the folder `below` (empty for `root` itself) of `root`, both free of links. Throws `FolderSizeError`, or the error of the system. */
// CHAT-FOLDER-2, CHAT-LIST-4
export async function readFolder(
  root: string,
  below: FilePath | '',
  { name = below, entriesMax = FOLDER_ENTRIES_MAX, look = lookAside }: FolderReadingOptions = {},
): Promise<FolderListing> {
  const folder = join(root, below);
  const { files, folders, leftOut, isCut } = await walkFolder(folder, entriesMax + 1);
  const all = [
    ...folders.slice(1).map((path) => ({ path, describe: () => describeFolder(folder, path, look) })),
    ...files.map((file) => ({ path: file.name, describe: () => describe(root, below, file, look) })),
  ].filter(({ path }) => parseFilePath(`${name}/${path}`).ok);
  // What was not read may hold anything: nobody takes the part for the whole.
  if (isCut || all.length > entriesMax) {
    throw new FolderSizeError(`more than ${entriesMax} entries, hidden ones included`);
  }
  const { entries, files: paths } = inOrder(await findEach(all, (one) => one.describe()));
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

function describeFolder(folder: string, path: string, look: Look): Promise<Found | undefined> {
  return presence(async () => {
    const stats = await look(join(folder, path));
    if (!stats.isDirectory()) return undefined;
    const modifiedAt = Math.max(0, Math.floor(stats.mtimeMs));
    const mode = stats.mode & PERMISSIONS;
    return { entry: { kind: 'folder', path: path as FilePath, mode, modifiedAt, size: 0 }, file: undefined };
  });
}

async function describe(
  root: string,
  below: FilePath | '',
  { name: path, isPlain }: { readonly name: FilePath; readonly isPlain: boolean },
  look: Look,
): Promise<Found | undefined> {
  const full = below === '' ? path : (`${below}/${path}` as FilePath);
  const file = await describeFound(root, { name: full, isPlain }, look);
  if (file === undefined) return undefined;
  const { size, modifiedAt, mode } = file;
  return { entry: { kind: 'file', path, mode: mode & PERMISSIONS, modifiedAt, size }, file };
}
