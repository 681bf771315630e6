import type { Dirent } from 'node:fs';
import { lstat, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import { FILES_PER_PAGE_MAX, type FilePath, parseFilePath } from '@parley/protocol';
import { isAbsence, readEntries, walkFolder } from './walk-folder.ts';

/** A file of the shared folder, as it was when it was looked at. */
export interface SharedFile {
  /** Where it stands in the shared folder. */
  readonly name: FilePath;
  /** Where it really is: absolute, links followed. */
  readonly path: string;
  readonly size: number;
  /** Whole milliseconds since 1970. */
  readonly modifiedAt: number;
  /** Changes when the file is replaced, even by one of the same size and time. */
  readonly identity: string;
}

/** A page of the shared folder. */
export interface FilePage {
  readonly files: readonly SharedFile[];
  readonly nextCursor: string | undefined;
}

/** A cursor that no catalogue has made. */
export class CursorError extends Error {
  override readonly name = 'CursorError';
  readonly code = 'cursor-invalid';
}

/**
 * The files of a folder and its sub-folders: regular files only, with names that are safe everywhere (CHAT-FILE-2). Hidden
 * files and folders, devices, links to folders and links that lead out do not exist for it.
 */
// CHAT-LIST-4
export class FileCatalogue {
  readonly #root: string;

  /** `root` has to be absolute. */
  constructor(root: string) {
    this.#root = root;
  }

  /**
   * Up to `limit` files (0: as many as a page holds) whose paths come after `cursor`, by UTF-16 code units. Rejects with
   * `CursorError` for a made-up cursor, and with the error of the system when the folder cannot be read.
   */
  // CHAT-LIST-2
  async list(cursor: string | undefined, limit: number): Promise<FilePage> {
    // CHAT-LIST-3
    if (cursor !== undefined && !parseFilePath(cursor).ok) {
      throw new CursorError('expected a cursor of this server');
    }
    const countMax = limit === 0 ? FILES_PER_PAGE_MAX : Math.min(limit, FILES_PER_PAGE_MAX);
    const root = await realpath(this.#root);
    const files: SharedFile[] = [];
    for (const path of await walkFolder(root)) {
      if (cursor !== undefined && path <= cursor) continue;
      const file = await describe(root, path);
      if (file === undefined) continue;
      if (files.length === countMax) return { files, nextCursor: files.at(-1)?.name };
      files.push(file);
    }
    return { files, nextCursor: undefined };
  }

  /**
   * The file at that path, `undefined` when there is none. Only what the folders list is looked up, part by part, so that no
   * spelling that a file system also accepts (streams, short names, other case, devices) leads to a file.
   */
  async find(path: FilePath): Promise<SharedFile | undefined> {
    const root = await realpath(this.#root);
    const parts = path.split('/');
    const found: string[] = [];
    for (const [index, part] of parts.entries()) {
      const entry = await findEntry(join(root, ...found), part);
      const isLast = index === parts.length - 1;
      // A folder is no file, and a file or a link to a folder is no folder.
      if (entry === undefined || entry.isDirectory() === isLast) return undefined;
      found.push(entry.name);
    }
    const listed = parseFilePath(found.join('/'));
    return listed.ok ? describe(root, listed.value) : undefined;
  }
}

async function findEntry(folder: string, name: string): Promise<Dirent | undefined> {
  const entries = (await readEntries(folder)) ?? [];
  const wanted = name.normalize('NFC');
  return (
    entries.find((entry) => entry.name === name) ??
    entries.find((entry) => entry.name.normalize('NFC') === wanted)
  );
}

/** What stands under a path, if it is a regular file inside of `root`. */
async function describe(root: string, name: FilePath): Promise<SharedFile | undefined> {
  try {
    const listed = join(root, name);
    const isLink = (await lstat(listed)).isSymbolicLink();
    const path = await realpath(listed);
    // Only the file itself may be a link: a folder that became one leads elsewhere.
    if (isLink ? !isInside(root, path) : path !== listed) return undefined;
    const { size, mtimeMs, ino, dev, ...kind } = await statOf(path);
    if (!kind.isFile) return undefined;
    const identity = `${dev}:${ino}:${size}:${mtimeMs}`;
    return { name, path, size, modifiedAt: Math.max(0, Math.floor(mtimeMs)), identity };
  } catch (error) {
    // It went away, or is not ours to see: as if it were not there.
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

async function statOf(path: string) {
  const stats = await stat(path);
  return { size: stats.size, mtimeMs: stats.mtimeMs, ino: stats.ino, dev: stats.dev, isFile: stats.isFile() };
}

function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  // A link to a hidden file, or into a hidden folder, shows what is hidden.
  return way !== '' && !isAbsolute(way) && !way.split(sep).some((part) => part.startsWith('.'));
}
