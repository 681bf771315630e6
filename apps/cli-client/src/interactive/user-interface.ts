import type { Transfer } from '@parley/client-core';
import type { Completion } from '../commands/completion.ts';
import type { EntryContent } from '../view/entry.ts';
import type { PlaceView } from '../view/place.ts';
import type { Workspace } from '../workspace/workspace.ts';

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
type LineCompleter = (text: string, cursor: number) => Promise<Completion | undefined>;

/** What somebody typed: what they entered, and what they have begun in each room. */
export interface TypedInput {
  readonly history: readonly string[];
  readonly drafts: Readonly<Record<string, string>>;
}

/** Where something that is shown comes from. */
export interface Origin {
  /** Milliseconds since 1970; now unless given. */
  readonly time?: number | undefined;
  /** The room that it belongs to. */
  readonly room?: string | undefined;
  /** Its number in the log of that room. */
  readonly sequence?: number | undefined;
}

/** What the conversation needs of the one in front of it: a terminal, or plain lines. */
export interface UserInterface {
  /** The pages of the rooms, where each has one of its own; undefined where everything is one stream. */
  readonly workspace: Workspace | undefined;
  /** Shows something that happened. */
  show(content: EntryContent, origin?: Origin): void;
  /** From now on this says where one is and who is there; it is asked whenever that is drawn. */
  setPlace(read: () => PlaceView): void;
  /** What `setPlace` was given would say something else, or the workspace was changed. */
  placeChanged(): void;
  /** Called when a key made the workspace wish for something. */
  onWish(listener: () => void): void;
  /** Gives back what was typed before a crash, or at another time. */
  restoreInput(input: TypedInput): void;
  readonly typedInput: TypedInput;
  /** Called when that changes. */
  onTyped(listener: () => void): void;
  /** The transfers that are not over. */
  setTransfers(transfers: readonly Transfer[]): void;
  /** The next line that the user enters; undefined when they want to leave. */
  readLine(request: LineRequest): Promise<string | undefined>;
  /** Puts the beginning of a line there, for the user to go on with. */
  setDraft(text: string): void;
  /** Takes a line as if the user had entered it. */
  enterLine(line: string): void;
  /** No more lines are wanted: a `readLine` that waits, and every later one, gives undefined. */
  stopReading(): void;
  /** Gives the terminal back; nothing may be shown afterwards. */
  close(): void;
}
