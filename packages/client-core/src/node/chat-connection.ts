import { connect, type Socket } from 'node:net';
import {
  type ClientMessage,
  clientMessages,
  DecodeError,
  type ServerMessage,
  serverMessages,
} from '@parley/protocol';
import type { ConnectionTrouble } from '../domain/session-end.ts';

/** How long a connection that we ended may wait for the other side to end it too. */
const LINGER_MS = 1_000;

/** What the owner of a connection wants to know. */
export interface ChatConnectionListener {
  onConnected(): void;
  onMessage(message: ServerMessage): void;
  /** Once, and nothing after it. Not called after `end`. */
  onTrouble(trouble: ConnectionTrouble): void;
}

/** A TCP connection that carries messages instead of bytes. */
export class ChatConnection {
  /** Resolves when the socket is gone. */
  readonly closed: Promise<void>;
  readonly #address: string;
  readonly #socket: Socket;
  readonly #decoder = serverMessages.createDecoder();
  readonly #listener: ChatConnectionListener;
  #isConnected = false;
  #isOver = false;

  constructor(address: { readonly host: string; readonly port: number }, listener: ChatConnectionListener) {
    this.#address = formatAddress(address);
    this.#listener = listener;
    // A chat line is smaller than a packet: waiting for more to send would only make it late.
    this.#socket = connect({ host: address.host, port: address.port, noDelay: true });
    this.#socket.on('connect', () => {
      this.#isConnected = true;
      if (!this.#isOver) this.#listener.onConnected();
    });
    this.#socket.on('data', (bytes) => this.#read(bytes));
    this.#socket.on('error', (error: NodeJS.ErrnoException) => this.#trouble(this.#describe(error)));
    this.closed = new Promise((resolve) => {
      this.#socket.on('close', () => {
        this.#trouble({ kind: 'ended-by-peer' });
        resolve();
      });
    });
  }

  /** The address that was reached, of the several that a name may have; undefined before that. */
  get remoteAddress(): string | undefined {
    // On a dual-stack socket an IPv4 address looks like an IPv6 one.
    return this.#socket.remoteAddress?.replace(/^::ffff:(?=\d+\.)/i, '');
  }

  /** Sends a message; nothing happens after the end. */
  send(message: ClientMessage): void {
    if (this.#isConnected && this.#socket.writable) this.#socket.write(clientMessages.encode(message));
  }

  /** Ends the connection once what was sent is on its way. */
  end(): void {
    this.#isOver = true;
    if (this.#socket.destroyed) return;
    if (!this.#isConnected) {
      this.#socket.destroy();
      return;
    }
    this.#socket.end();
    // The other side's end has to be read to be noticed.
    this.#socket.resume();
    const timer = setTimeout(() => this.#socket.destroy(), LINGER_MS);
    this.#socket.once('close', () => clearTimeout(timer));
  }

  // CHAT-FRAME-2
  #read(bytes: Uint8Array): void {
    if (this.#isOver) return;
    try {
      this.#decoder.push(bytes);
      for (let message = this.#decoder.next(); message !== undefined; message = this.#decoder.next()) {
        this.#listener.onMessage(message);
        if (this.#isOver) return;
      }
    } catch (error) {
      // CHAT-FRAME-6
      if (!(error instanceof DecodeError)) throw error;
      this.#trouble({ kind: 'not-parley', message: error.message });
      this.#socket.destroy();
    }
  }

  #trouble(trouble: ConnectionTrouble): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#listener.onTrouble(trouble);
  }

  #describe(error: NodeJS.ErrnoException): ConnectionTrouble {
    const code = codeOf(error);
    if (this.#isConnected) return { kind: 'broken', code, message: brokenWords(code, error) };
    return { kind: 'connect-failed', code, message: connectWords(code, this.#address, error) };
  }
}

/** An address as people write it; IPv6 in brackets. */
export function formatAddress({ host, port }: { readonly host: string; readonly port: number }): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** With several addresses for one name, the system's error is a collection. */
function codeOf(error: NodeJS.ErrnoException): string {
  if (error.code !== undefined) return error.code;
  const first: unknown = error instanceof AggregateError ? error.errors[0] : undefined;
  return first instanceof Error && 'code' in first ? String(first.code) : 'unknown';
}

function connectWords(code: string, address: string, error: Error): string {
  switch (code) {
    case 'ECONNREFUSED':
      return `nobody listens at ${address}: is the server running, and the port right?`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the name in ${address} was not found: is it spelled right, and the network up?`;
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `there is no way to ${address} from here: is the network up?`;
    case 'ETIMEDOUT':
      return `${address} does not answer: is the address right, and the server running?`;
    default:
      return `the connection to ${address} could not be made: ${error.message || code}`;
  }
}

function brokenWords(code: string, error: Error): string {
  if (code === 'ECONNRESET' || code === 'EPIPE') return 'the server or the network cut it';
  if (code === 'ETIMEDOUT') return 'the network stopped answering';
  return error.message || code;
}
