import { clientMessages, DecodeError } from '@parley/protocol';
import type { ConnectionId, ServerEvent } from '@parley/server-core/pure';
import type { Connection, ConnectionSide } from './connection.ts';
import type { World } from './world.ts';

/** As the real driver: how long a connection may take to close after the last word. */
export const LINGER_MS = 2_000;

interface ServerSideParts {
  readonly onEvent: (event: ServerEvent) => void;
  readonly onClosed: () => void;
  readonly connectionId: ConnectionId;
  readonly address: string;
}

/** The server's side of a connection: the rules of the real driver, without its socket. */
export class ServerSide implements ConnectionSide {
  readonly #world: World;
  readonly #parts: ServerSideParts;
  readonly #decoder = clientMessages.createDecoder();
  #connection: Connection | undefined;
  #pending: Uint8Array[] = [];
  #isClosing = false;

  constructor(world: World, parts: ServerSideParts) {
    this.#world = world;
    this.#parts = parts;
  }

  get connection(): Connection {
    return this.#connection as Connection;
  }

  open(connection: Connection): void {
    this.#connection = connection;
    const { connectionId, address, onEvent } = this.#parts;
    onEvent({ type: 'connection-opened', connectionId, address });
  }

  onBytes(bytes: Uint8Array): void {
    if (this.#isClosing) return;
    const { connectionId, onEvent } = this.#parts;
    try {
      this.#decoder.push(bytes);
      for (let message = this.#decoder.next(); message !== undefined; message = this.#decoder.next()) {
        onEvent({ type: 'message-received', connectionId, message });
        if (this.#isClosing) return;
      }
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      onEvent({ type: 'decode-failed', connectionId, problem: error.message });
    }
  }

  onGone(detail: 'ended' | 'reset'): void {
    const { connectionId, onEvent } = this.#parts;
    if (!this.#isClosing) onEvent({ type: 'connection-closed', connectionId, detail });
    this.close();
    this.#free();
  }

  /** Puts a frame into this turn's bytes. */
  enqueue(frame: Uint8Array): void {
    if (this.#isClosing) return;
    if (this.#pending.push(frame) === 1) this.#world.after(0, () => this.#endTurn());
  }

  /** Sends what is pending, and ends our side. */
  close(): void {
    if (this.#isClosing) return;
    this.#flush();
    this.#isClosing = true;
    this.connection.toClient.end();
    this.#world.after(LINGER_MS, () => this.#free());
  }

  // CHAT-SLOW-1, CHAT-BEHIND-1
  #endTurn(): void {
    const { toClient } = this.connection;
    const { backlogBytes } = toClient;
    if (this.#isClosing) return;
    if (backlogBytes > 0) {
      const { connectionId, onEvent } = this.#parts;
      const queuedBytes = this.#pending.reduce((sum, { length }) => sum + length, backlogBytes);
      toClient.onceTaken(() => {
        if (!this.#isClosing) onEvent({ type: 'connection-backlog', connectionId, queuedBytes: 0 });
      });
      onEvent({ type: 'connection-backlog', connectionId, queuedBytes });
    }
    this.#flush();
  }

  #flush(): void {
    for (const frame of this.#pending) this.connection.toClient.write(frame);
    this.#pending = [];
  }

  #free(): void {
    this.connection.cut('client');
    this.#parts.onClosed();
  }
}
