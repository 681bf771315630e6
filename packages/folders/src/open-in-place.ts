import * as nodeFileSystem from 'node:fs';
import { isSameFile } from './same-file.ts';

/** What opening needs of `node:fs`; tests give one that fails on purpose. */
export type OpeningFileSystem = Pick<
  typeof nodeFileSystem,
  'closeSync' | 'fstatSync' | 'openSync' | 'readlinkSync' | 'realpathSync' | 'statSync'
>;

/** Something else stands in the place of the file: a link, or it was moved while it was opened. */
export class MovedFileError extends Error {
  override readonly name = 'MovedFileError';
  readonly code = 'file-changed';
}

const { O_RDONLY, O_NONBLOCK = 0, O_NOFOLLOW = 0 } = nodeFileSystem.constants;

/**
 * Opens a file for reading and gives its descriptor. `path` has to be free of links; when a link has come into it since,
 * in any part, nothing is opened. Throws `MovedFileError`, or the error of the system.
 */
// CHAT-LIST-7
export function openInPlace(path: string, fileSystem: OpeningFileSystem = nodeFileSystem): number {
  // Without O_NONBLOCK a pipe that took the file's place would hold the thread until somebody writes to it.
  const descriptor = fileSystem.openSync(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW);
  try {
    if (!standsAt(path, descriptor, fileSystem)) throw new MovedFileError('expected the file in its place');
    return descriptor;
  } catch (error) {
    fileSystem.closeSync(descriptor);
    throw error;
  }
}

function standsAt(path: string, descriptor: number, fileSystem: OpeningFileSystem): boolean {
  const opened = placeOf(descriptor, fileSystem);
  if (opened !== undefined) return opened === path;
  // Without /proc: the path leads to itself, and to the same file as the descriptor.
  if (fileSystem.realpathSync(path) !== path) return false;
  return isSameFile(fileSystem.fstatSync(descriptor), fileSystem.statSync(path));
}

/** What the system says about where an open file stands; `undefined` where it does not say. */
function placeOf(descriptor: number, fileSystem: OpeningFileSystem): string | undefined {
  try {
    return fileSystem.readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    return undefined;
  }
}
