import type { ClientMessageId, RoomName } from '@parley/protocol';

/** A message that was sent and has not been accepted yet. */
export interface OutboxEntry {
  readonly commandId: number;
  readonly clientMessageId: ClientMessageId;
  readonly room: RoomName;
  readonly text: string;
  readonly sentAt: number;
}

/**
 * What we said and the server has not accepted yet, oldest first, by the ids that we gave. The server drops a
 * repeated id, so after a reconnect these are sent again without doubling anything.
 */
// CHAT-SAY-4
export class Outbox {
  readonly #entries = new Map<string, OutboxEntry>();

  /** Oldest first. */
  get entries(): readonly OutboxEntry[] {
    return Array.from(this.#entries.values());
  }

  add(entry: OutboxEntry): void {
    this.#entries.set(idText(entry.clientMessageId), entry);
  }

  /** Accepted or refused: it needs no second sending. */
  settle(clientMessageId: ClientMessageId): void {
    this.#entries.delete(idText(clientMessageId));
  }
}

/** Bytes as hexadecimal text, which can be a key. */
function idText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
