import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import {
  type ClientMessage,
  type ClientMessageOf,
  clientMessages,
  type ServerMessage,
  serverMessages,
} from '@parley/protocol';
import { LOBBY, nick } from './scenario.ts';

/** How a fake server answers one kind of message; `send` may be called any number of times, at any time. */
export type Script = {
  [Type in ClientMessage['type']]?: (message: ClientMessageOf<Type>, peer: Peer) => void;
};

/** One client of a fake server. */
export class Peer {
  readonly received: ClientMessage[] = [];
  readonly socket: Socket;
  /** Resolves when the client's side is closed. */
  readonly closed: Promise<unknown>;

  constructor(socket: Socket, script: Script) {
    this.socket = socket;
    this.closed = new Promise((resolve) => socket.on('close', resolve));
    const decoder = clientMessages.createDecoder();
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      decoder.push(bytes);
      for (let message = decoder.next(); message; message = decoder.next()) {
        this.received.push(message);
        (script[message.type] as ((message: ClientMessage, peer: Peer) => void) | undefined)?.(message, this);
      }
    });
  }

  send(...messages: readonly ServerMessage[]): void {
    for (const message of messages) {
      if (this.socket.writable) this.socket.write(serverMessages.encode(message));
    }
  }
}

/** Greets, registers everyone, knows no other users. */
export const POLITE: Script = {
  hello: (_, peer) => {
    peer.send({ type: 'hello-ok', version: 1, serverName: 'fake', serverTime: 1, motd: '', room: LOBBY });
  },
  register: ({ requestId, nickname }, peer) => {
    peer.send({
      type: 'entered',
      room: LOBBY,
      kind: 'public',
      peer: undefined,
      topic: '',
      members: 1,
      epoch: 1,
      first: 1,
      sequence: 0,
    });
    peer.send({
      type: 'registered',
      requestId,
      nickname: nick(nickname),
      sessionId: 1 as never,
    });
  },
  'list-users': ({ requestId }, peer) => {
    peer.send({ type: 'users', requestId, room: LOBBY, users: [], nextCursor: undefined });
  },
  leave: (_, peer) => {
    peer.send({ type: 'goodbye', code: 'left', message: '', reconnectAfterMs: undefined });
    peer.socket.end();
  },
};

/** A server on a free port of this machine that does what a script says. */
export class FakeServer {
  readonly peers: Peer[] = [];
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** With an identity it speaks TLS. */
  static async start(
    script: Script,
    identity?: { readonly cert: string; readonly key: string },
  ): Promise<FakeServer> {
    const server = identity === undefined ? createServer() : createTlsServer(identity);
    const fake = new FakeServer(server);
    server.on(identity === undefined ? 'connection' : 'secureConnection', (socket: Socket) =>
      fake.peers.push(new Peer(socket, script)),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return fake;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The first client. */
  get peer(): Peer {
    const peer = this.peers[0];
    if (!peer) throw new Error('nobody has connected');
    return peer;
  }

  async stop(): Promise<void> {
    for (const peer of this.peers) peer.socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
