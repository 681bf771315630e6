/** What the user wants of the program by a key. */
export type Wish =
  | { readonly type: 'show-room'; readonly room: string }
  /** The log before a place, or its newest page. */
  | { readonly type: 'read-older'; readonly room: string; readonly before: number | undefined }
  /** The log behind a place. */
  | { readonly type: 'read-newer'; readonly room: string; readonly after: number }
  /** A command, as if it had been typed. */
  | { readonly type: 'enter'; readonly line: string }
  /** The beginning of a line, which the user goes on with. */
  | { readonly type: 'draft'; readonly text: string };
