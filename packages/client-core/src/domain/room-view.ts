import type { ServerMessageOf } from '@parley/protocol';
import { MESSAGES_KEPT_MAX } from './limits.ts';

/** A message of the room as this client saw it. */
export interface RoomMessage {
  readonly room: string;
  readonly epoch: number;
  readonly sequence: number;
  /** Milliseconds since 1970, by the server's clock. */
  readonly time: number;
  readonly from: string;
  readonly text: string;
  /** Sent by this client. */
  readonly isOwn: boolean;
}

/** Messages that exist and did not reach us. */
export interface RoomGap {
  readonly room: string;
  /** How many, when that is known: a new epoch is another log, and the old one's end is not told. */
  readonly missing: number | undefined;
}

/** What a message changed: nothing for one that was seen before, and a gap when some before it are missing. */
export interface RoomUpdate {
  readonly message: RoomMessage | undefined;
  readonly gap: RoomGap | undefined;
}

/**
 * The room's log as far as this client has it. Each message has a number; a missing number is a gap that is
 * told, never a silent hole, and a number that was seen is shown once.
 */
export class RoomView {
  readonly #messages: RoomMessage[] = [];
  #epoch = 0;
  #sequence = 0;

  /** The newest messages, oldest first, at most `MESSAGES_KEPT_MAX`. */
  get messages(): readonly RoomMessage[] {
    return this.#messages;
  }

  /** The place in the room's log up to which this client has seen everything or been told of the gap. */
  get position(): { readonly epoch: number; readonly sequence: number } {
    return { epoch: this.#epoch, sequence: this.#sequence };
  }

  /** The log stands here as we enter; what came before is not ours to miss. */
  enter(epoch: number, sequence: number): void {
    this.#epoch = epoch;
    this.#sequence = sequence;
  }

  handleMessage(received: ServerMessageOf<'message'>, isOwn: boolean): RoomUpdate {
    const { room, epoch, sequence, time, from, text } = received;
    const isSameLog = epoch === this.#epoch;
    if (isSameLog && sequence <= this.#sequence) return { message: undefined, gap: undefined };
    let gap: RoomGap | undefined;
    if (!isSameLog) gap = { room, missing: undefined };
    else if (sequence > this.#sequence + 1) gap = { room, missing: sequence - this.#sequence - 1 };
    this.#epoch = epoch;
    this.#sequence = sequence;
    const message: RoomMessage = { room, epoch, sequence, time, from, text, isOwn };
    this.#messages.push(message);
    if (this.#messages.length > MESSAGES_KEPT_MAX) this.#messages.shift();
    return { message, gap };
  }
}
