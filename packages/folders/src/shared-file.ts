import type { Stats } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { isAbsolute, join, relative, sep } from 'node:path';
import type { FilePath } from '@parley/protocol';
import { type Look, lookAside, presence } from './presence.ts';

/** A file of the shared folder, as it was when it was looked at. */
export interface SharedFile {
  /** Where it stands in the shared folder. */
  readonly name: FilePath;
  /** Where it really is: absolute, links followed. */
  readonly path: string;
  readonly size: number;
  /** Whole milliseconds since 1970. */
  readonly modifiedAt: number;
  /** As the system has it: kind and permissions. */
  readonly mode: number;
  /** Changes when the file is replaced, even by one of the same size and time. */
  readonly identity: string;
}

/** What stands under a name, if it is a regular file inside of `root`, which has to be free of links. */
// CHAT-LIST-4
export async function describeFile(
  root: string,
  name: FilePath,
  look: Look = lookAside,
): Promise<SharedFile | undefined> {
  return presence(async () => {
    const listed = join(root, name);
    const isLink = (await look(listed)).isSymbolicLink();
    const path = await realpath(listed);
    // Only the file itself may be a link: a folder that became one leads elsewhere.
    if (isLink ? !isInside(root, path) : path !== listed) return undefined;
    return sharedFile(name, path, await stat(path));
  });
}

/** The same for what its folder, which is free of links too, has just called a plain file: whoever opens it looks again. */
export async function describePlainFile(
  root: string,
  name: FilePath,
  look: Look = lookAside,
): Promise<SharedFile | undefined> {
  return presence(async () => {
    const path = join(root, name);
    return sharedFile(name, path, await look(path));
  });
}

/** One of the two, for what a walk has found. */
export function describeFound(
  root: string,
  { name, isPlain }: { readonly name: FilePath; readonly isPlain: boolean },
  look: Look = lookAside,
): Promise<SharedFile | undefined> {
  return (isPlain ? describePlainFile : describeFile)(root, name, look);
}

function sharedFile(name: FilePath, path: string, stats: Stats): SharedFile | undefined {
  if (!stats.isFile()) return undefined;
  const { size, mtimeMs, ino, dev, mode } = stats;
  const identity = `${dev}:${ino}:${size}:${mtimeMs}`;
  return { name, path, size, modifiedAt: Math.max(0, Math.floor(mtimeMs)), mode, identity };
}

function isInside(root: string, path: string): boolean {
  const way = relative(root, path);
  // A link to a hidden file, or into a hidden folder, shows what is hidden.
  return way !== '' && !isAbsolute(way) && !way.split(sep).some((part) => part.startsWith('.'));
}
