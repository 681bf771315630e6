import type { LogEntry } from '@parley/protocol';
import { CATCH_UP_MAX, MESSAGES_KEPT_MAX } from '../limits.ts';

/** A message of a room as this client saw it. */
export interface RoomMessage {
  readonly room: string;
  readonly epoch: number;
  readonly sequence: number;
  /** Milliseconds since 1970, by the server's clock. */
  readonly time: number;
  readonly from: string;
  /** Undefined when its author took it back. */
  readonly text: string | undefined;
  /** When its author gave it this text, if later than `time`. */
  readonly editedAt: number | undefined;
  /** Sent by this client. */
  readonly isOwn: boolean;
}

/** Messages that exist and will not be shown. */
export interface RoomGap {
  readonly room: string;
  /** How many, when that is known: a new epoch is another log, and the old one's end is not told. */
  readonly missing: number | undefined;
}

/** Where a log stands at the server. */
export interface LogPlace {
  readonly epoch: number;
  /** The oldest entry that is kept. */
  readonly first: number;
  readonly last: number;
}

/** An entry as a client shows it: it looks for its own ones by their places. */
export type SeenEntry = Omit<LogEntry, 'clientMessageId'>;

/** What something that arrived changed, in this order. */
export interface RoomUpdate {
  readonly gap: RoomGap | undefined;
  readonly entries: readonly SeenEntry[];
}

const NOTHING: RoomUpdate = { gap: undefined, entries: [] };

/**
 * The room's log as far as this client has it. Every entry has a number, and they are taken over in the order of the
 * numbers, each once: one that was seen is ignored, and one that comes too early shows that those before it have to be
 * fetched. What cannot be fetched is told as a gap, never left out silently.
 */
// CHAT-LOG-4
export class RoomView {
  readonly #room: string;
  #messages: RoomMessage[] = [];
  #epoch = 0;
  #sequence = 0;
  /** The newest entry that is known of. */
  #target = 0;
  #hasEntered = false;

  constructor(room: string) {
    this.#room = room;
  }

  /** The newest messages, oldest first, at most `MESSAGES_KEPT_MAX`. */
  get messages(): readonly RoomMessage[] {
    return this.#messages.slice(-MESSAGES_KEPT_MAX);
  }

  /** The message of that number, if it is kept. Numbers of an epoch before mean nothing any more. */
  find(sequence: number): RoomMessage | undefined {
    return this.#messages[this.#indexOf(sequence)];
  }

  /** The place in the room's log up to which this client has seen everything or been told of the gap. */
  get position(): { readonly epoch: number; readonly sequence: number } {
    return { epoch: this.#epoch, sequence: this.#sequence };
  }

  /** How many entries are known of and have to be fetched. */
  get missing(): number {
    return this.#target - this.#sequence;
  }

  /** The log stands there. The first time, what came before is not ours to miss; later it is what was missed. */
  // CHAT-LOG-5
  handleEntered({ epoch, first, last }: LogPlace): RoomUpdate {
    if (!this.#hasEntered) {
      this.#hasEntered = true;
      this.#epoch = epoch;
      this.#sequence = last;
      this.#target = last;
      return NOTHING;
    }
    if (epoch !== this.#epoch || last < this.#sequence) {
      this.#epoch = epoch;
      this.#sequence = first - 1;
      this.#target = last;
      this.#skipTo(last - CATCH_UP_MAX);
      return { gap: { room: this.#room, missing: undefined }, entries: [] };
    }
    this.#target = Math.max(this.#target, last);
    return this.#gapUpTo(last - CATCH_UP_MAX);
  }

  /** An entry came by itself; it is of the log that was entered last. */
  // CHAT-LOG-6
  handleEntry(entry: SeenEntry): RoomUpdate {
    this.#target = Math.max(this.#target, entry.sequence);
    return entry.sequence === this.#sequence + 1 ? this.#takeOver([entry]) : NOTHING;
  }

  /** Entries that were asked for came. */
  handleHistory({ epoch, first, last }: LogPlace, entries: readonly SeenEntry[]): RoomUpdate {
    if (epoch !== this.#epoch) return this.handleEntered({ epoch, first, last });
    this.#target = Math.max(this.#target, last);
    // What is no longer kept cannot be fetched.
    const { gap } = this.#gapUpTo(first - 1);
    return { gap, entries: this.#takeOver(entries).entries };
  }

  /** A message got another text, or lost it. */
  change(target: number, text: string | undefined, editedAt: number): void {
    const index = this.#indexOf(target);
    const message = this.#messages[index];
    if (message !== undefined) this.#messages[index] = { ...message, text, editedAt };
  }

  /** Keeps a message for who looks back. */
  keep(message: RoomMessage): void {
    this.#messages.push(message);
    // Once in a while, not with every message: a long array is moved as a whole.
    if (this.#messages.length > MESSAGES_KEPT_MAX * 1.5)
      this.#messages = this.#messages.slice(-MESSAGES_KEPT_MAX);
  }

  #indexOf(target: number): number {
    return this.#messages.findLastIndex(
      ({ sequence, epoch }) => sequence === target && epoch === this.#epoch,
    );
  }

  #takeOver(entries: readonly SeenEntry[]): RoomUpdate {
    const taken: SeenEntry[] = [];
    for (const entry of entries) {
      if (entry.sequence !== this.#sequence + 1) continue;
      this.#sequence = entry.sequence;
      taken.push(entry);
    }
    return { gap: undefined, entries: taken };
  }

  #gapUpTo(sequence: number): RoomUpdate {
    const missing = sequence - this.#sequence;
    if (missing <= 0) return NOTHING;
    this.#skipTo(sequence);
    return { gap: { room: this.#room, missing }, entries: [] };
  }

  #skipTo(sequence: number): void {
    this.#sequence = Math.max(this.#sequence, sequence);
  }
}
