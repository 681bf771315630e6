import { lstat, readdir, realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import { FILES_PER_PAGE_MAX, type FileName, parseFileName } from '@parley/protocol';

/** A file of the shared folder, as it was when it was looked at. */
export interface SharedFile {
  readonly name: FileName;
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
 * The files of one folder: regular files only, with names that are safe everywhere (CHAT-FILE-1). Hidden files, devices
 * and links that lead out of the folder do not exist for it.
 */
// CHAT-LIST-4
export class FileCatalogue {
  readonly #root: string;

  /** `root` has to be absolute. */
  constructor(root: string) {
    this.#root = root;
  }

  /**
   * Up to `limit` files (0: as many as a page holds) whose names come after `cursor`, by UTF-16 code units. Rejects with
   * `CursorError` for a made-up cursor, and with the error of the system when the folder cannot be read.
   */
  // CHAT-LIST-2
  async list(cursor: string | undefined, limit: number): Promise<FilePage> {
    // CHAT-LIST-3
    if (cursor !== undefined && !parseFileName(cursor).ok) {
      throw new CursorError('expected a cursor of this server');
    }
    const countMax = limit === 0 ? FILES_PER_PAGE_MAX : Math.min(limit, FILES_PER_PAGE_MAX);
    const root = await realpath(this.#root);
    const files: SharedFile[] = [];
    for (const name of await this.#names()) {
      if (cursor !== undefined && name <= cursor) continue;
      const file = await describe(root, name);
      if (file === undefined) continue;
      if (files.length === countMax) return { files, nextCursor: files.at(-1)?.name };
      files.push(file);
    }
    return { files, nextCursor: undefined };
  }

  /**
   * The file of that name, `undefined` when there is none. Only a name that the folder lists is looked up, so that no
   * spelling that a file system also accepts (streams, short names, other case) leads to a file.
   */
  async find(name: FileName): Promise<SharedFile | undefined> {
    const names = await this.#names();
    const wanted = name.normalize('NFC');
    const listed = names.find((one) => one === name) ?? names.find((one) => one.normalize('NFC') === wanted);
    return listed === undefined ? undefined : describe(await realpath(this.#root), listed);
  }

  async #names(): Promise<FileName[]> {
    const names: FileName[] = [];
    for (const entry of await readdir(this.#root)) {
      const parsed = parseFileName(entry);
      if (parsed.ok) names.push(parsed.value);
    }
    return names.sort((left, right) => (left < right ? -1 : 1));
  }
}

/** What stands under a name, if it is a regular file inside of `root`. */
async function describe(root: string, name: FileName): Promise<SharedFile | undefined> {
  try {
    const listed = join(root, name);
    const isLink = (await lstat(listed)).isSymbolicLink();
    const path = isLink ? await realpath(listed) : listed;
    if (isLink && !isInside(root, path)) return undefined;
    const { size, mtimeMs, ino, dev, ...kind } = await statOf(path);
    if (!kind.isFile) return undefined;
    const identity = `${dev}:${ino}:${size}:${mtimeMs}`;
    return { name, path, size, modifiedAt: Math.max(0, Math.floor(mtimeMs)), identity };
  } catch (error) {
    // It went away, or is not ours to see: as if it were not there.
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EACCES' || code === 'ELOOP' || code === 'ENOTDIR') return undefined;
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
