import type { ClientMessageId, MessageText, NicknameKey, RoomName, ServerMessageOf } from '@parley/protocol';
import type { Membership } from './session.ts';

/** A message with its place in the log. */
export type LogEntry = ServerMessageOf<'message'>;

/**
 * The ordered log of a room: (epoch, sequence), from 1 on without a gap. The last `entriesMax` messages are remembered,
 * and with them who sent them under which id, so that a repetition is recognised.
 */
// CHAT-SAY-2
export class RoomLog {
  readonly #room: RoomName;
  readonly #entriesMax: number;
  readonly #entries = new Map<number, LogEntry>();
  readonly #sequencesBySender = new Map<string, number>();
  readonly #senderKeys = new Map<number, string>();
  readonly epoch: number;
  #lastSequence = 0;

  constructor(options: { readonly room: RoomName; readonly epoch: number; readonly entriesMax: number }) {
    this.#room = options.room;
    this.epoch = options.epoch;
    this.#entriesMax = options.entriesMax;
  }

  /** Sequence of the newest message, 0 before the first. */
  get lastSequence(): number {
    return this.#lastSequence;
  }

  /** How many messages are remembered. */
  get size(): number {
    return this.#entries.size;
  }

  /** The message that this sender sent under this id, if it is remembered. */
  // CHAT-SAY-4
  find(sender: NicknameKey, id: ClientMessageId): LogEntry | undefined {
    const sequence = this.#sequencesBySender.get(senderKey(sender, id));
    return sequence === undefined ? undefined : this.#entries.get(sequence);
  }

  /** Gives a message the next place. */
  append(
    sender: Pick<Membership, 'key' | 'nickname'>,
    message: { readonly text: MessageText; readonly clientMessageId: ClientMessageId; readonly time: number },
  ): LogEntry {
    this.#lastSequence += 1;
    const sequence = this.#lastSequence;
    const entry: LogEntry = {
      type: 'message',
      room: this.#room,
      epoch: this.epoch,
      sequence,
      time: message.time,
      from: sender.nickname,
      text: message.text,
      clientMessageId: message.clientMessageId,
    };
    const key = senderKey(sender.key, message.clientMessageId);
    this.#entries.set(sequence, entry);
    this.#sequencesBySender.set(key, sequence);
    this.#senderKeys.set(sequence, key);
    this.#forget(sequence - this.#entriesMax);
    return entry;
  }

  #forget(sequence: number): void {
    const key = this.#senderKeys.get(sequence);
    if (key === undefined) return;
    this.#entries.delete(sequence);
    this.#senderKeys.delete(sequence);
    this.#sequencesBySender.delete(key);
  }
}

// No nickname contains a line feed.
function senderKey(sender: NicknameKey, id: ClientMessageId): string {
  return `${sender}\n${String.fromCharCode(...id)}`;
}
