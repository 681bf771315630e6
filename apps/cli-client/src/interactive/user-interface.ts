import type { Transfer } from '@parley/client-core';
import type { EntryContent } from '../view/entry.ts';
import type { Line } from '../view/line.ts';

/** How one line is asked for. */
export interface LineRequest {
  readonly prompt: string;
  /** Tab completes the line with this. */
  readonly complete?: LineCompleter;
  /** The line goes into the history of the arrow keys. */
  readonly isRemembered?: boolean;
  /** What is typed is not shown. */
  readonly isSecret?: boolean;
}

/** Completes a line; see `completeLine`. */
type LineCompleter = (
  text: string,
  cursor: number,
) => Promise<
  { readonly text: string; readonly cursor: number; readonly candidates: readonly string[] } | undefined
>;

/** What the conversation needs of the one in front of it: a terminal, or plain lines. */
export interface UserInterface {
  /** Shows something that happened; `time` is now unless given (milliseconds since 1970). */
  show(content: EntryContent, time?: number): void;
  /** Where one is and who is there. */
  setStatus(status: Line): void;
  /** The downloads that are not over. */
  setTransfers(transfers: readonly Transfer[]): void;
  /** The next line that the user enters; undefined when they want to leave. */
  readLine(request: LineRequest): Promise<string | undefined>;
  /** No more lines are wanted: a `readLine` that waits, and every later one, gives undefined. */
  stopReading(): void;
  /** Gives the terminal back; nothing may be shown afterwards. */
  close(): void;
}
