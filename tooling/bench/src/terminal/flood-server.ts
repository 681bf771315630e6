import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import {
  type ClientMessage,
  clientMessages,
  type MessageText,
  parseNickname,
  parseRoomName,
  type ServerMessage,
  type SessionId,
  serverMessages,
} from '@parley/protocol';

/** Messages are written in portions, as a busy network brings them. */
const INTERVAL_MS = 10;
const SPEAKERS = ['ann', 'bob', 'cleo', 'dora', 'emil', 'flo', 'gus', 'hedy'].map(must(parseNickname));
const ROOM = must(parseRoomName)('lobby');

/** A server of one room that answers what a terminal asks, and says so many messages a second to it as it is told. */
export class FloodServer {
  readonly port: number;
  readonly #close: () => void;
  #socket: Socket | undefined;
  #sequence = 0;
  #timer: NodeJS.Timeout | undefined;

  private constructor(port: number, close: () => void) {
    this.port = port;
    this.#close = close;
  }

  static async start(): Promise<FloodServer> {
    const server = createServer((socket) => flood.#serve(socket));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const flood: FloodServer = new FloodServer((server.address() as AddressInfo).port, () => server.close());
    return flood;
  }

  /** So many messages a second from now on. */
  speak(perSecond: number): void {
    clearInterval(this.#timer);
    const begun = performance.now();
    let said = 0;
    this.#timer = setInterval(() => {
      const due = Math.floor(((performance.now() - begun) * perSecond) / 1_000);
      const frames: Uint8Array[] = [];
      for (; said < due; said += 1) frames.push(serverMessages.encode(this.#message()));
      if (frames.length > 0) this.#socket?.write(Buffer.concat(frames));
    }, INTERVAL_MS);
  }

  get said(): number {
    return this.#sequence;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#socket?.destroy();
    this.#close();
  }

  #message(): ServerMessage {
    this.#sequence += 1;
    const from = SPEAKERS[this.#sequence % SPEAKERS.length] as (typeof SPEAKERS)[number];
    const text =
      `message ${this.#sequence} about nothing in particular, as long as they usually are` as MessageText;
    const entry = { sequence: this.#sequence, time: Date.now(), from, kind: 'text', target: 0 } as const;
    return { type: 'message', room: ROOM, ...entry, text };
  }

  #serve(socket: Socket): void {
    this.#socket = socket;
    const decoder = clientMessages.createDecoder();
    const send = (message: ServerMessage) => void socket.write(serverMessages.encode(message));
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      decoder.push(bytes);
      for (let message = decoder.next(); message; message = decoder.next()) this.#answer(message, send);
    });
  }

  #answer(message: ClientMessage, send: (message: ServerMessage) => void): void {
    switch (message.type) {
      case 'hello':
        send({
          type: 'hello-ok',
          version: 1,
          serverName: 'Flood',
          serverTime: Date.now(),
          motd: '',
          room: ROOM,
        });
        break;
      case 'register': {
        const { requestId } = message;
        const nickname = must(parseNickname)(message.nickname);
        send({ type: 'registered', requestId, nickname, sessionId: 1 as SessionId });
        const log = { epoch: 1, first: 1, sequence: this.#sequence };
        send({
          type: 'entered',
          room: ROOM,
          kind: 'public',
          peer: undefined,
          topic: '',
          members: 50,
          ...log,
        });
        break;
      }
      case 'list-users': {
        const users = SPEAKERS.map((nickname) => ({ nickname, joinedAt: 1 }));
        send({ type: 'users', requestId: message.requestId, room: ROOM, users, nextCursor: undefined });
        break;
      }
      case 'read-history': {
        const log = { room: ROOM, epoch: 1, first: 1, last: this.#sequence };
        send({ type: 'history', requestId: message.requestId, ...log, entries: [] });
        break;
      }
      case 'mark-read':
        send({ type: 'done', requestId: message.requestId });
        break;
      case 'ping':
        send({ type: 'pong', nonce: message.nonce });
        break;
      default:
        break;
    }
  }
}

function must<Value>(
  parse: (
    text: string,
  ) => { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly problem: string },
): (text: string) => Value {
  return (text) => {
    const parsed = parse(text);
    if (!parsed.ok) throw new Error(parsed.problem);
    return parsed.value;
  };
}
