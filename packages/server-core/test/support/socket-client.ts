import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import {
  type ClientMessage,
  type ClientMessageOf,
  clientMessages,
  type DepartureEntry,
  type FilePath,
  type ServerMessage,
  type ServerMessageOf,
  serverMessages,
} from '@parley/protocol';
import { secretOf } from './virtual-server.ts';

/** A client on a real socket that remembers what it got. */
export class SocketClient {
  readonly socket: Socket;
  readonly received: ServerMessage[] = [];
  /** Resolves when the socket is closed. */
  readonly closed: Promise<void>;
  #wake: () => void = () => {};

  constructor(port: number, socket: Socket = connect({ host: '127.0.0.1', port, noDelay: true })) {
    const decoder = serverMessages.createDecoder();
    this.socket = socket;
    this.socket.on('data', (chunk) => {
      decoder.push(chunk);
      for (let message = decoder.next(); message !== undefined; message = decoder.next()) {
        this.received.push(message);
      }
      this.#wake();
    });
    this.socket.on('error', () => {});
    this.closed = new Promise((resolve) => {
      this.socket.on('close', () => {
        this.#wake();
        resolve();
      });
    });
  }

  /** A client with a nickname. */
  static async user(port: number, nickname: string): Promise<SocketClient> {
    const client = new SocketClient(port);
    client.send({ type: 'hello', versionMin: 1, versionMax: 1, agent: 'test/1' });
    client.send({ type: 'register', requestId: 1, nickname, secret: secretOf(nickname) });
    await client.next('registered');
    return client;
  }

  send(...messages: ClientMessage[]): void {
    this.socket.write(Buffer.concat(messages.map((message) => clientMessages.encode(message))));
  }

  /** Asks for a file of the folder, all of it unless told otherwise. */
  requestTransfer(
    name: string,
    request: Partial<Omit<ClientMessageOf<'request-transfer'>, 'type' | 'name'>> = {},
  ): void {
    const all = { requestId: 2, chunkRoot: undefined, ranges: undefined, version: undefined };
    this.send({ type: 'request-transfer', name: name as FilePath, ...all, ...request });
  }

  /** Takes the first message of that type, waiting for it. Messages before it stay. */
  async next<Type extends ServerMessage['type']>(type: Type): Promise<ServerMessageOf<Type>> {
    for (;;) {
      const index = this.received.findIndex((message) => message.type === type);
      if (index >= 0) return this.received.splice(index, 1)[0] as ServerMessageOf<Type>;
      if (this.socket.destroyed) throw new Error(`the connection closed before ${type} came`);
      await this.#change();
    }
  }

  /** Waits until that many messages of a type are there, and takes all of that type. */
  async count<Type extends ServerMessage['type']>(
    type: Type,
    count: number,
  ): Promise<ServerMessageOf<Type>[]> {
    const ofType = () =>
      this.received.filter((message): message is ServerMessageOf<Type> => message.type === type);
    while (ofType().length < count) {
      if (this.socket.destroyed) throw new Error(`the connection closed before ${count} ${type} came`);
      await this.#change();
    }
    return ofType();
  }

  /** Waits until somebody has left a room, and takes that. */
  async nextDeparture(): Promise<DepartureEntry> {
    for (;;) {
      const { left } = await this.next('presence');
      if (left[0] !== undefined) return left[0];
    }
  }

  async connected(): Promise<void> {
    if (this.socket.connecting) await once(this.socket, 'connect');
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
