import { lstat, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { localFileName } from '@parley/folders';
import { ClientError } from '../../domain/errors.ts';

/** What is downloaded, and what the user said about where to. */
interface TargetOptions {
  /** The path at the server; only its last part becomes a name here. */
  readonly name: string;
  readonly folder: string;
  readonly to?: string | undefined;
}

/**
 * Where a download goes. A folder (its name ends with a slash) goes to `to`, or into it when that ends with a slash, or into
 * `folder` without it; one that is there already is completed. A file goes: `to` when it names a file, into `to` when it names a folder (or ends with a slash),
 * into `folder` without it. Relative paths start at `folder`. Throws `target-exists` when something is there
 * already, and `target-unwritable` when the folder is not there.
 */
export async function resolveDownloadTarget(options: TargetOptions): Promise<string> {
  const { name, folder, to = '.' } = options;
  if (name.endsWith('/')) return resolveFolderTarget(options);
  const wanted = resolve(folder, to);
  const isFolder = await isDirectory(wanted);
  if (!isFolder && endsWithSlash(to)) {
    throw new ClientError('target-unwritable', `there is no folder ${wanted}`);
  }
  const target = isFolder ? join(wanted, localFileName(name, process.platform)) : wanted;
  if (await exists(target)) throw new ClientError('target-exists', `${target} exists already`);
  const parent = dirname(target);
  if (!(await isDirectory(parent))) {
    throw new ClientError('target-unwritable', `there is no folder ${parent}`);
  }
  return target;
}

async function resolveFolderTarget({ name, folder, to = './' }: TargetOptions): Promise<string> {
  const wanted = resolve(folder, to);
  const target = endsWithSlash(to)
    ? join(wanted, localFileName(name.slice(0, -1), process.platform))
    : wanted;
  if (!(await isDirectory(dirname(target)))) {
    throw new ClientError('target-unwritable', `there is no folder ${dirname(target)}`);
  }
  if ((await exists(target)) && !(await isDirectory(target))) {
    throw new ClientError('target-exists', `${target} exists already and is no folder`);
  }
  return target;
}

/** Whether a path means a folder, or the inside of one. */
export function endsWithSlash(path: string): boolean {
  return path.endsWith('/') || (path.endsWith('\\') && process.platform === 'win32');
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

/** A dangling link counts: writing through it would make a file somewhere else. */
async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    return !isMissing(error);
  }
}

function isMissing(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
