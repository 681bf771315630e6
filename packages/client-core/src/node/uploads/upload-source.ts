import { access, constants, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { ClientError } from '../../domain/errors.ts';
import { endsWithSlash } from '../downloads/download-target.ts';

/** What a file is called at the server, if not as here, and which room is told of it. */
export interface UploadOptions {
  readonly name?: string | undefined;
  readonly room?: string | undefined;
}

/** What can be sent: a file or a folder. */
export interface UploadSource {
  /** Absolute. */
  readonly path: string;
  /** What it is called at the server; of a folder it ends with a slash. */
  readonly name: string;
}

/** A file or a folder that can be sent; relative paths start at `folder`. Throws `source-unreadable` otherwise. */
export async function resolveUploadSource(
  folder: string,
  path: string,
  name = basename(resolve(folder, path)),
): Promise<UploadSource> {
  const source = resolve(folder, path);
  try {
    const stats = await stat(source);
    const isFolder = stats.isDirectory();
    if (!isFolder && !stats.isFile())
      throw new ClientError('source-unreadable', `${source} is neither a file nor a folder`);
    if (!isFolder && endsWithSlash(path))
      throw new ClientError('source-unreadable', `${source} is not a folder`);
    if (!isFolder && name.endsWith('/'))
      throw new ClientError('file-name-invalid', `"${name}" is the name of a folder, ${source} is a file`);
    await access(source, isFolder ? constants.R_OK | constants.X_OK : constants.R_OK);
    return { path: source, name: isFolder ? `${name.replace(/\/$/, '')}/` : name };
  } catch (error) {
    if (error instanceof ClientError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    const problem = code === 'ENOENT' ? 'there is no file' : `cannot read (${code})`;
    throw new ClientError('source-unreadable', `${problem} ${source}`, { cause: error });
  }
}
