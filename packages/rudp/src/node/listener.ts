import { EventEmitter } from 'node:events';
import type { Connection, RemoteAddress } from '../core/index.ts';
import type { EndpointDriver } from './endpoint-driver.ts';
import { RudpError } from './errors.ts';
import { RudpConnection } from './rudp-connection.ts';
import type { UdpSocket, UdpSocketStatistics } from './udp-socket.ts';

/** Events of a listener. */
export interface RudpListenerEvents {
  /** A peer has completed the handshake. */
  connection: [connection: RudpConnection];
  /** The listener failed for good and has closed; its connections have been told. */
  error: [error: RudpError];
  /** The socket is free again. */
  close: [];
}

/** Accepts connections on one UDP socket. Made by `listen`. */
export class RudpListener extends EventEmitter<RudpListenerEvents> {
  readonly #socket: UdpSocket;
  readonly #driver: EndpointDriver;
  readonly #allowHalfOpen: boolean;
  readonly #connections = new Set<RudpConnection>();
  #closing: Promise<void> | undefined;

  constructor(options: { socket: UdpSocket; driver: EndpointDriver; allowHalfOpen: boolean }) {
    super();
    this.#socket = options.socket;
    this.#driver = options.driver;
    this.#allowHalfOpen = options.allowHalfOpen;
  }

  /** Where the listener can be reached. */
  address(): RemoteAddress {
    return this.#socket.local;
  }

  /** Connections that are established and not yet closed. */
  get connectionCount(): number {
    return this.#connections.size;
  }

  /** Figures of the socket: what the system granted, what passed. */
  socketStatistics(): UdpSocketStatistics {
    return this.#socket.statistics();
  }

  /** Resets every open connection and frees the socket. May be called twice. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /** `await using listener = await listen(…)` closes it at the end of the block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** For `listen`: wraps a connection that a peer has opened. */
  handleAccepted(connection: Connection): void {
    const stream = new RudpConnection(
      { connection, driver: this.#driver },
      { allowHalfOpen: this.#allowHalfOpen },
    );
    this.#connections.add(stream);
    stream.once('close', () => this.#connections.delete(stream));
    this.emit('connection', stream);
  }

  /** For `listen`: the driver stopped because of a bug. */
  handleFailure(cause: unknown): void {
    void this.close();
    this.emit('error', new RudpError('endpoint-closed', 'the endpoint of the listener failed', { cause }));
  }

  async #close(): Promise<void> {
    // The resets leave in one turn, before the socket is gone; a peer that misses its own falls silent and times out.
    this.#driver.close();
    await this.#socket.close();
    this.emit('close');
  }
}
