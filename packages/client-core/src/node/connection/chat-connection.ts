import { connect, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import {
  type ClientMessage,
  clientMessages,
  DecodeError,
  type ServerMessage,
  serverMessages,
} from '@parley/protocol';
import type { ConnectionTrouble } from '../../domain/session/session-end.ts';
import { brokenTrouble, connectTrouble } from './connection-words.ts';
import { type CheckServer, identityOf, secureOptions } from './server-identity.ts';

/** How long a connection that we ended may wait for the other side to end it too. */
const LINGER_MS = 1_000;

/** The first byte of an alert: what a server of TLS answers to anything else (RFC 8446 §5.1). */
const TLS_ALERT = 0x15;

/** Where a server is, and how to talk with it. */
export interface ChatConnectionOptions {
  readonly host: string;
  readonly port: number;
  /** Absent: plain TCP. */
  readonly tls?: { readonly checkServer: CheckServer };
}

/** What the owner of a connection wants to know. */
export interface ChatConnectionListener {
  /** With what the server showed of itself; `undefined` on plain TCP. */
  onConnected(fingerprint: string | undefined): void;
  onMessage(message: ServerMessage): void;
  /** Once, and nothing after it. Not called after `end`. */
  onTrouble(trouble: ConnectionTrouble): void;
}

/** A connection, of TLS or plain TCP, that carries messages instead of bytes. */
export class ChatConnection {
  /** Resolves when the socket is gone. */
  readonly closed: Promise<void>;
  readonly #address: string;
  readonly #socket: Socket;
  readonly #decoder = serverMessages.createDecoder();
  readonly #listener: ChatConnectionListener;
  #isConnected = false;
  #isOver = false;

  constructor(options: ChatConnectionOptions, listener: ChatConnectionListener) {
    this.#address = formatAddress(options);
    this.#listener = listener;
    this.#socket =
      options.tls === undefined ? this.#connect(options) : this.#connectTls(options, options.tls);
    // A chat line is smaller than a packet: waiting for more to send would only make it late.
    this.#socket.setNoDelay(true);
    this.#socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#trouble(this.#isConnected ? brokenTrouble(error) : connectTrouble(error, this.#address));
    });
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

  #connect({ host, port }: ChatConnectionOptions): Socket {
    const socket = connect({ host, port });
    socket.on('connect', () => this.#open(undefined));
    return socket;
  }

  // CHAT-TLS-2
  #connectTls({ host, port }: ChatConnectionOptions, tls: { readonly checkServer: CheckServer }): TLSSocket {
    const socket = connectTls({ host, port, ...secureOptions(host) });
    socket.on('secureConnect', () => {
      const identity = identityOf(socket);
      const distrust = identity && tls.checkServer(identity);
      if (identity !== undefined && distrust === undefined) {
        this.#open(identity.fingerprint);
        return;
      }
      const fingerprint = identity?.fingerprint ?? '';
      const { reason, message } = distrust ?? { reason: 'unknown', message: 'it showed no certificate' };
      this.#trouble({ kind: 'untrusted', reason, message, fingerprint });
      socket.destroy();
    });
    return socket;
  }

  #open(fingerprint: string | undefined): void {
    this.#isConnected = true;
    this.#socket.on('data', (bytes) => this.#read(bytes));
    if (!this.#isOver) this.#listener.onConnected(fingerprint);
  }

  // CHAT-FRAME-2
  #read(bytes: Uint8Array): void {
    if (this.#isOver) return;
    const stranger = this.#decoder.isAtFrameBoundary ? strangerWords(bytes) : undefined;
    try {
      this.#decoder.push(bytes);
      for (let message = this.#decoder.next(); message !== undefined; message = this.#decoder.next()) {
        this.#listener.onMessage(message);
        if (this.#isOver) return;
      }
    } catch (error) {
      // CHAT-FRAME-6
      if (!(error instanceof DecodeError)) throw error;
      this.#trouble({ kind: 'not-parley', message: stranger ?? error.message });
      this.#socket.destroy();
    }
  }

  #trouble(trouble: ConnectionTrouble): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#listener.onTrouble(trouble);
  }
}

/** What answers instead of a Parley server, as far as its first bytes tell. */
function strangerWords(bytes: Uint8Array): string | undefined {
  // CHAT-TLS-3
  if (bytes[0] === TLS_ALERT) return 'it speaks TLS';
  // No frame is so long that its length reads as four letters.
  const [greeting] = /^[ -~]{4,60}/.exec(Buffer.from(bytes.subarray(0, 60)).toString('latin1')) ?? [];
  return greeting && `it answers "${greeting.trimEnd()}", as other servers do`;
}

/** An address as people write it; IPv6 in brackets. */
export function formatAddress({ host, port }: { readonly host: string; readonly port: number }): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
