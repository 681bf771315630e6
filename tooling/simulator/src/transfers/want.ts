/** A file that a user wants, and how far that is. */
export interface Want {
  /** Name of the shared file. */
  readonly name: string;
  readonly targetPath: string;
  state: /** Not asked for at the moment. */
    | 'idle'
    /** Given as a command. */
    | 'open'
    | 'done'
    /** The user does not want it any more. */
    | 'cancelled';
  /** Of the transfer that is open. */
  number: number | undefined;
  /** When it was asked for last. */
  askedAtMs: number;
  /** When it may be asked for again. */
  notBeforeMs: number;
  lastFailure: { readonly code: string; readonly message: string } | undefined;
  /** The user wants it again later, although it was cancelled. */
  isWantedAgain: boolean;
}
