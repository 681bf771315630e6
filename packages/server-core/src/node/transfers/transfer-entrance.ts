import { connect, type Socket } from 'node:net';
import { TRANSFER_PROTOCOL } from '@parley/rudp';
import { offersProtocol } from '../connections/client-hello.ts';
import { DOOR_HOST, TLS_COPY_BYTES, TLS_TRANSFERS_MAX } from '../limits.ts';

/** A silent connection is asked after this time whether anybody is there. */
const KEEP_ALIVE_MS = 10_000;

/** What an entrance needs of the door. */
export interface TransferEntranceOptions {
  /** Where the thread that moves files takes connections; `undefined` while it takes none. */
  readonly port: () => number | undefined;
  /** How long that thread waits for a ticket. */
  readonly handshakeTimeoutMs: number;
  /** The connection is half-open no more. */
  readonly settle: (address: string | undefined) => void;
}

/**
 * Brings connections that turn out to be transfers to the thread that moves files. That thread does the TLS of them, so what
 * passes here are bytes that need no work.
 */
// CHAT-TCP-1, CHAT-TCP-5
export class TransferEntrance {
  readonly #options: TransferEntranceOptions;
  readonly #sockets = new Set<Socket>();

  constructor(options: TransferEntranceOptions) {
    this.#options = options;
  }

  /** Connections that were brought and are open. */
  get count(): number {
    return this.#sockets.size;
  }

  /** Whether these first bytes of TLS begin a transfer; `undefined` while more of them are needed. */
  wants(head: Uint8Array): boolean | undefined {
    if (this.#options.port() === undefined) return false;
    return offersProtocol(head, TRANSFER_PROTOCOL);
  }

  /** Takes a half-open connection of which `head` was read. */
  bring(socket: Socket, head: Uint8Array, address: string | undefined): void {
    const port = this.#options.port();
    if (port === undefined || this.#sockets.size >= TLS_TRANSFERS_MAX) {
      this.#options.settle(address);
      socket.destroy();
      return;
    }
    const inside = connect({
      host: DOOR_HOST,
      port,
      noDelay: true,
      // One buffer for each transfer, read anew when the system has taken what is in it: half the time of a pipe.
      onread: {
        buffer: Buffer.allocUnsafeSlow(TLS_COPY_BYTES),
        callback: (count, buffer) => {
          socket.write(buffer.subarray(0, count), () => inside.resume());
          return false;
        },
      },
    });
    this.#sockets.add(socket);
    // Who is still here then has presented a ticket: others were cut.
    const patience = setTimeout(() => settle(), this.#options.handshakeTimeoutMs);
    let isSettled = false;
    const settle = (): void => {
      clearTimeout(patience);
      if (!isSettled) this.#options.settle(address);
      isSettled = true;
    };
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.on('error', () => inside.destroy());
    inside.on('error', () => socket.destroy());
    socket.on('close', () => {
      this.#sockets.delete(socket);
      settle();
      inside.destroy();
    });
    // What it said last is still on its way out.
    inside.on('close', () => socket.destroySoon());
    inside.on('end', () => socket.end());
    inside.write(head);
    socket.pipe(inside);
  }

  /** Resolves when all are closed, which happens by itself when that thread ends its transfers, or after `patienceMs`. */
  async close(patienceMs: number): Promise<void> {
    const closed = [...this.#sockets].map(
      (socket) => new Promise<void>((resolve) => void socket.once('close', () => resolve())),
    );
    const impatience = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, patienceMs);
    await Promise.all(closed);
    clearTimeout(impatience);
  }
}
