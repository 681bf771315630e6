/** Why there is no answer about the shared folder: what was asked makes no sense, or the code of the system (`EACCES` …). */
export type CatalogueErrorCode =
  /** No catalogue has made that cursor. */
  | 'cursor-invalid'
  /** The places are none of that list, or no file in it has so many bytes. */
  | 'range-invalid'
  /** There is more in the folder than a list may have. */
  | 'folder-too-large'
  /** The lists do not have all that is shared. */
  | 'list-cut'
  | 'closed'
  | (string & {});

/** There is no answer about the shared folder; `message` may hold words of the system. */
export class CatalogueError extends Error {
  override readonly name = 'CatalogueError';
  readonly code: CatalogueErrorCode;

  constructor(code: CatalogueErrorCode, problem: string, options?: ErrorOptions) {
    super(problem, options);
    this.code = code;
  }
}
