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
 * repeated id, so after a reconnect these are sent again without doubling anything. What was under way when the connection
 * was lost is *in doubt*: it may be in the log although nobody told us.
 */
// CHAT-SAY-4
export class Outbox {
  readonly #entries = new Map<string, OutboxEntry>();
  /** Not sent on this connection yet. */
  readonly #unsent = new Set<string>();
  readonly #inDoubt = new Set<string>();
  /** To be sent again later. */
  readonly #postponed = new Set<string>();

  /** Oldest first. */
  get entries(): readonly OutboxEntry[] {
    return Array.from(this.#entries.values());
  }

  get count(): number {
    return this.#entries.size;
  }

  add(entry: OutboxEntry): void {
    const id = idText(entry.clientMessageId);
    this.#entries.set(id, entry);
    this.#unsent.add(id);
  }

  /** What is to be sent next on this connection. */
  pollUnsent(): OutboxEntry | undefined {
    for (const id of this.#unsent) {
      this.#unsent.delete(id);
      return this.#entries.get(id);
    }
    return undefined;
  }

  /** The entry of that id, if it may be in the log without our knowing. */
  findInDoubt(clientMessageId: ClientMessageId): OutboxEntry | undefined {
    const id = idText(clientMessageId);
    return this.#inDoubt.has(id) ? this.#entries.get(id) : undefined;
  }

  /** The server could not take it now: it is sent again after `resume`. */
  postpone(clientMessageId: ClientMessageId): void {
    this.#postponed.add(idText(clientMessageId));
  }

  /** What was postponed is to be sent now. */
  resume(): void {
    for (const id of this.#postponed) this.#unsent.add(id);
    this.#postponed.clear();
  }

  /** What is under way will not be answered on this connection: everything is to be sent on the next one. */
  handleConnectionLost(): void {
    for (const id of this.#entries.keys()) {
      if (!this.#unsent.has(id)) this.#inDoubt.add(id);
    }
    this.#postponed.clear();
    this.#unsent.clear();
    for (const id of this.#entries.keys()) this.#unsent.add(id);
  }

  /** Accepted or refused: it needs no second sending. */
  settle(clientMessageId: ClientMessageId): void {
    const id = idText(clientMessageId);
    for (const ids of [this.#entries, this.#unsent, this.#inDoubt, this.#postponed]) ids.delete(id);
  }
}

/** Bytes as hexadecimal text, which can be a key. */
function idText(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
