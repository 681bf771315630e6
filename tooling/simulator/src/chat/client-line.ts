import type { ConnectionTrouble } from '@parley/client-core';
import {
  type ClientMessage,
  clientMessages,
  DecodeError,
  type ServerMessage,
  serverMessages,
} from '@parley/protocol';
import type { Connection } from './connection.ts';
import type { Dialler, Network } from './network.ts';
import type { World } from './world.ts';

/** As the real driver: how long a connection that we ended may wait for the other side to end it too. */
const LINGER_MS = 1_000;

/** What the owner of a line is told. */
export interface LineListener {
  onConnected(): void;
  onMessage(message: ServerMessage): void;
  /** Once, and nothing after it. Not after `end`. */
  onTrouble(trouble: ConnectionTrouble): void;
}

/** A client's side of a connection: the rules of the real driver, without its socket. */
export class ClientLine implements Dialler {
  readonly #world: World;
  readonly #listener: LineListener;
  readonly #decoder = serverMessages.createDecoder();
  #connection: Connection | undefined;
  #isOver = false;
  /** What arrived before the dialler noticed that it is connected. */
  #early: Uint8Array[] = [];

  constructor(world: World, network: Network, address: string, listener: LineListener) {
    this.#world = world;
    this.#listener = listener;
    network.dial(this, address);
  }

  get connection(): Connection | undefined {
    return this.#connection;
  }

  send(message: ClientMessage): void {
    if (!this.#isOver) this.#connection?.toServer.write(clientMessages.encode(message));
  }

  end(): void {
    this.#isOver = true;
    this.#connection?.toServer.end();
    this.#world.after(LINGER_MS, () => this.#connection?.cut('server'));
  }

  /** The program dies: the system ends the connection, or the machine is gone and nobody is told. */
  abandon(isTold: boolean): void {
    this.#isOver = true;
    this.#connection?.cut(isTold ? 'server' : 'nobody');
  }

  onConnected(connection: Connection): void {
    this.#connection = connection;
    if (this.#isOver) {
      connection.cut('server');
      return;
    }
    this.#listener.onConnected();
    for (const bytes of this.#early.splice(0)) this.onBytes(bytes);
  }

  onRefused(): void {
    this.#trouble({ kind: 'connect-failed', code: 'ECONNREFUSED', message: 'nobody listens there' });
  }

  onBytes(bytes: Uint8Array): void {
    if (this.#isOver) return;
    if (this.#connection === undefined) {
      this.#early.push(bytes);
      return;
    }
    try {
      this.#decoder.push(bytes);
      for (let message = this.#decoder.next(); message !== undefined; message = this.#decoder.next()) {
        this.#listener.onMessage(message);
        if (this.#isOver) return;
      }
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#trouble({ kind: 'not-parley', message: error.message });
      this.#connection.cut('server');
    }
  }

  onGone(detail: 'ended' | 'reset'): void {
    this.#trouble(
      detail === 'ended'
        ? { kind: 'ended-by-peer' }
        : { kind: 'broken', code: 'ECONNRESET', message: 'reset' },
    );
    this.#connection?.cut('server');
  }

  #trouble(trouble: ConnectionTrouble): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#listener.onTrouble(trouble);
  }
}
