import { access, constants, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ClientError } from '../domain/errors.ts';

/** What a file is called at the server, if not as here, and which room is told of it. */
export interface UploadOptions {
  readonly name?: string | undefined;
  readonly room?: string | undefined;
}

/** The absolute path of a file that can be sent; relative ones start at `folder`. Throws `source-unreadable` otherwise. */
export async function resolveUploadSource(folder: string, path: string): Promise<string> {
  const source = resolve(folder, path);
  try {
    const stats = await stat(source);
    if (!stats.isFile()) throw new ClientError('source-unreadable', `${source} is not a file`);
    await access(source, constants.R_OK);
  } catch (error) {
    if (error instanceof ClientError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    const problem = code === 'ENOENT' ? 'there is no file' : `cannot read (${code})`;
    throw new ClientError('source-unreadable', `${problem} ${source}`, { cause: error });
  }
  return source;
}
