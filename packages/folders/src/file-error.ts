/** What keeps a file from coming into its place. */
export type FileErrorCode =
  /** Something has the name already; it was not touched. */
  | 'target-exists'
  /** Somebody else is writing to the same place. */
  | 'target-busy'
  /** The folder does not exist, is no folder, or may not be written to. */
  | 'target-unwritable'
  | 'disk-full'
  /** Another reason, which the message names. */
  | 'disk-error';

/** A file cannot be written, synced or given its name; `message` is a sentence for the user. */
export class FileError extends Error {
  override readonly name = 'FileError';
  readonly code: FileErrorCode;

  constructor(code: FileErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

/** An error of the file system while something at `path` was made, written, synced or published. */
export function fileErrorFrom(error: unknown, path: string): FileError {
  if (error instanceof FileError) return error;
  const { code = 'unknown' } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'EEXIST':
      return new FileError('target-exists', `${path} exists already and was not touched`, error);
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return new FileError('disk-full', `no space left for ${path} (${code})`, error);
    case 'ENOENT':
    case 'ENOTDIR':
      return new FileError('target-unwritable', `the folder of ${path} does not exist (${code})`, error);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
    case 'ENAMETOOLONG':
    case 'EISDIR':
      return new FileError('target-unwritable', `cannot write ${path} (${code})`, error);
    default:
      return new FileError('disk-error', `cannot write ${path}: ${describe(error)}`, error);
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
