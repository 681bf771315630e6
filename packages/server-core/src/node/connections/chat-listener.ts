import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { ConnectionId, ServerEvent } from '../../domain/events.ts';
import type { DoorLimits } from '../../domain/sessions/door.ts';
import { BACKLOG_BYTES_MIN, TLS_TRANSFERS_MAX } from '../limits.ts';
import { ClientConnection } from './client-connection.ts';
import { ConnectionDoor, type TlsIdentity } from './connection-door.ts';
import { SharedFrames } from './shared-frames.ts';

/** Connections above the limit that are still accepted, to be told that the server is full. */
const REFUSED_CONNECTIONS_MAX = 100;

/** Where a listener listens. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * The TCP side of the server: sockets in, events out, frames to connections. Frames are collected while a turn of the
 * event loop lasts, so that each client costs one write per turn, however many messages it gets; and what goes to the same
 * list of clients is one piece of memory for all of them.
 */
export class ChatListener {
  readonly #server: Server;
  readonly #door: ConnectionDoor;
  /** Where those come from who have not said `hello`. */
  readonly #halfOpen = new Map<ConnectionId, string | undefined>();
  readonly #connections = new Map<ConnectionId, ClientConnection>();
  /** Those for whom this turn has something, each once. */
  #waiting: ClientConnection[] = [];
  /** Lists of connections that were sent something, which never change, as the connections that they are. */
  readonly #audiences = new WeakMap<readonly ConnectionId[], readonly ClientConnection[]>();
  /** Those who had not read everything when they were last sent something: the only ones who can be slow. */
  readonly #unread = new Set<ClientConnection>();
  /**
   * What this turn has for many, by the list of them; another map for each turn. One that is cleared leaves its old table behind,
   * with all that was in it and the place of the next one: once the garbage collector has moved a table to its old generation, it
   * keeps those of all later turns, until that is looked through.
   */
  #shared = new Map<readonly ConnectionId[], SharedFrames>();
  #endOfTurn: NodeJS.Immediate | undefined;
  #lastPlace = 0;
  readonly #onEvent: (event: ServerEvent) => void;
  readonly #onTurnEnd: () => void;
  readonly #onError: (error: Error) => void;
  #lastConnectionId = 0;
  #onEmpty: () => void = () => {};

  constructor(options: {
    readonly connectionsMax: number;
    readonly doorLimits: DoorLimits;
    /** Absent: plain TCP. */
    readonly tls: TlsIdentity | undefined;
    /** Where transfers over TLS are taken, while they are. */
    readonly transferPort: () => number | undefined;
    readonly onEvent: (event: ServerEvent) => void;
    /** What was sent in a turn is given to the sockets now. */
    readonly onTurnEnd: () => void;
    /** Trouble with accepting, such as no file descriptors left; it passes. */
    readonly onError: (error: Error) => void;
    /** Somebody was turned away before they were a connection. */
    readonly onRefused: (code: string, detail: string) => void;
  }) {
    this.#onEvent = options.onEvent;
    this.#onTurnEnd = options.onTurnEnd;
    this.#onError = options.onError;
    this.#door = new ConnectionDoor({
      limits: options.doorLimits,
      tls: options.tls,
      transferPort: options.transferPort,
      events: {
        onConnection: (socket, address) => this.#accept(socket, address),
        onRefused: options.onRefused,
      },
    });
    this.#server = createServer({ noDelay: true }, (socket) => this.#door.handleSocket(socket));
    this.#server.maxConnections =
      options.connectionsMax + options.doorLimits.halfOpenMax + TLS_TRANSFERS_MAX + REFUSED_CONNECTIONS_MAX;
  }

  /** Sockets that are open, also those that are being closed. */
  get connectionCount(): number {
    return this.#connections.size + this.#door.waitingCount;
  }

  /** Another identity for those who connect from now on; throws when it is none. */
  setIdentity(identity: TlsIdentity): void {
    this.#door.setIdentity(identity);
  }

  /** A connection has said `hello`: it is no longer one that could be anybody. */
  // CHAT-DOOR-1
  greet(id: ConnectionId): void {
    if (!this.#halfOpen.has(id)) return;
    this.#door.settle(this.#halfOpen.get(id));
    this.#halfOpen.delete(id);
  }

  /** Bytes that wait for clients to read them. */
  get queuedBytes(): number {
    let total = 0;
    for (const connection of this.#connections.values()) {
      total += connection.backlogBytes + connection.pendingBytes;
    }
    return total;
  }

  /** Begins to listen; rejects when the port is taken. Port 0 takes a free one. */
  listen(address: ListenAddress): Promise<ListenAddress> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(address, () => {
        this.#server.off('error', reject);
        this.#server.on('error', this.#onError);
        const bound = this.#server.address() as AddressInfo;
        resolve({ host: bound.address, port: bound.port });
      });
    });
  }

  /** Sends a frame to one connection, at the end of the turn. A connection that has gone is ignored. */
  send(id: ConnectionId, frame: Uint8Array): void {
    const connection = this.#connections.get(id);
    if (connection === undefined) return;
    this.awaitEndOfTurn();
    connection.enqueue(frame, this.#nextPlace());
    this.#await(connection);
  }

  /** Sends the same bytes to many. For the same list of many it costs next to nothing until the end of the turn. */
  broadcast(ids: readonly ConnectionId[], frame: Uint8Array): void {
    this.awaitEndOfTurn();
    let frames = this.#shared.get(ids);
    if (frames === undefined) {
      frames = new SharedFrames(ids);
      this.#shared.set(ids, frames);
    }
    frames.add(frame, this.#nextPlace());
  }

  /** Closes a connection after what was sent. */
  close(id: ConnectionId): void {
    this.#distribute();
    this.#connections.get(id)?.close();
  }

  /** Accepts nobody any more; resolves when all connections are closed, which `patienceMs` bounds. */
  async stop(patienceMs: number): Promise<void> {
    const closed = Promise.all([
      this.#door.close(patienceMs),
      new Promise<void>((resolve) => this.#server.close(() => resolve())),
      new Promise<void>((resolve) => {
        this.#onEmpty = resolve;
        if (this.#connections.size === 0) resolve();
      }),
    ]);
    const impatience = setTimeout(() => {
      for (const connection of this.#connections.values()) connection.destroy();
    }, patienceMs);
    await closed;
    clearTimeout(impatience);
  }

  #accept(socket: Socket, address: string | undefined): void {
    this.#lastConnectionId += 1;
    const connectionId = this.#lastConnectionId as ConnectionId;
    const connection = new ClientConnection(connectionId, socket, {
      onMessage: (_, message) => this.#onEvent({ type: 'message-received', connectionId, message }),
      onDecodeError: (_, { message }) =>
        this.#onEvent({ type: 'decode-failed', connectionId, problem: message }),
      wantsTransfer: (head) => this.#door.entrance.wants(head),
      onTransfer: (_, head) => this.#releaseToTransfer(connectionId, socket, head),
      onGone: (_, detail) => this.#onEvent({ type: 'connection-closed', connectionId, detail }),
      onClosed: () => {
        this.#connections.delete(connectionId);
        this.#unread.delete(connection);
        this.greet(connectionId);
        if (this.#connections.size === 0) this.#onEmpty();
      },
    });
    this.#connections.set(connectionId, connection);
    this.#halfOpen.set(connectionId, address);
    this.#onEvent({ type: 'connection-opened', connectionId, address });
  }

  /** On plain TCP everybody is a chat connection until the first bytes say something else. */
  // CHAT-TCP-1
  #releaseToTransfer(connectionId: ConnectionId, socket: Socket, head: Uint8Array): void {
    const address = this.#halfOpen.get(connectionId);
    this.#halfOpen.delete(connectionId);
    this.#connections.delete(connectionId);
    this.#door.entrance.bring(socket, head, address);
    this.#onEvent({ type: 'connection-closed', connectionId, detail: 'it came for a transfer' });
    if (this.#connections.size === 0) this.#onEmpty();
  }

  /** Has what is sent until the end of this turn go out there. */
  awaitEndOfTurn(): void {
    this.#endOfTurn ??= setImmediate(this.#flush);
  }

  #nextPlace(): number {
    this.#lastPlace += 1;
    return this.#lastPlace;
  }

  /** Gives everybody what it shares with others. */
  #distribute(): void {
    for (const frames of this.#shared.values()) {
      for (const connection of this.#audience(frames.connectionIds)) {
        connection.share(frames);
        this.#await(connection);
      }
    }
    this.#shared = new Map();
  }

  /** The same for a turn that has something for one room alone: who gets nothing else is written to at once. */
  #writeShared(frames: SharedFrames): void {
    for (const connection of this.#audience(frames.connectionIds)) {
      if (connection.isWaiting) {
        connection.share(frames);
        continue;
      }
      connection.write(frames.joined);
      this.#noteUnread(connection);
    }
    this.#shared = new Map();
  }

  /** Those of them who were here when it was first asked for: what is sent to who has gone is dropped there. */
  #audience(ids: readonly ConnectionId[]): readonly ClientConnection[] {
    let audience = this.#audiences.get(ids);
    if (audience === undefined) {
      audience = ids.flatMap((id) => this.#connections.get(id) ?? []);
      this.#audiences.set(ids, audience);
    }
    return audience;
  }

  #await(connection: ClientConnection): void {
    if (connection.isWaiting) return;
    connection.isWaiting = true;
    this.#waiting.push(connection);
  }

  #noteUnread(connection: ClientConnection): void {
    if (connection.backlogBytes > 0) this.#unread.add(connection);
  }

  #tellBacklogs(): void {
    for (const connection of this.#unread) {
      if (connection.backlogBytes === 0) this.#unread.delete(connection);
    }
    if (this.#unread.size === 0) return;
    this.#distribute();
    // Who is added by what comes of that has its turn, too.
    for (const connection of this.#waiting) this.#tellBacklog(connection);
  }

  /** Only what an earlier turn left behind shows a slow reader: one turn's answers may be many at once. */
  // CHAT-SLOW-1
  #tellBacklog(connection: ClientConnection): void {
    const { id, backlogBytes } = connection;
    if (backlogBytes === 0) return;
    const queuedBytes = backlogBytes + connection.pendingBytes;
    if (queuedBytes <= BACKLOG_BYTES_MIN) return;
    connection.onceRead(() =>
      this.#onEvent({ type: 'connection-backlog', connectionId: id, queuedBytes: 0 }),
    );
    this.#onEvent({ type: 'connection-backlog', connectionId: id, queuedBytes });
  }

  readonly #flush = (): void => {
    this.#endOfTurn = undefined;
    this.#onTurnEnd();
    this.#tellBacklogs();
    // What came of that goes out with the rest, in its order.
    const [frames] = this.#shared.values();
    if (frames !== undefined && this.#shared.size === 1) this.#writeShared(frames);
    else this.#distribute();
    const connections = this.#waiting;
    this.#waiting = [];
    for (const connection of connections) {
      connection.isWaiting = false;
      connection.flush();
      this.#noteUnread(connection);
    }
  };
}
