import { createPrivateKey } from 'node:crypto';
import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { type ServerMessageOf, serverMessages } from '@parley/protocol';
import { Door, type DoorLimits, type Refusal } from '../../domain/sessions/door.ts';
import { LINGER_MS } from '../limits.ts';
import { TransferEntrance } from '../transfers/transfer-entrance.ts';
import { addressKey } from './address-key.ts';
import { firstLanguage, refusalAlert } from './tls-records.ts';

/** Who a server is to its clients. */
export interface TlsIdentity {
  /** PEM: the certificate, then those that lead from it to a root, if there are any. */
  readonly certificate: string;
  /** PEM, not encrypted. */
  readonly key: string;
}

/** Sockets that are being turned away at one time; above it they are cut without a word. */
const TURNED_AWAY_MAX = 100;

/** What a door tells its owner. */
export interface DoorEvents {
  /** Somebody came in, and counts as half-open until `settle(address)`. */
  onConnection(socket: Socket, address: string | undefined): void;
  /** Somebody did not get in. */
  onRefused(code: string, detail: string): void;
}

/** A socket on its way in. */
interface Newcomer {
  readonly socket: Socket;
  readonly address: string | undefined;
  readonly patience: NodeJS.Timeout;
}

/** What a socket passes before it is a chat connection: the limits of the door, then TLS. */
export class ConnectionDoor {
  /** Where those go who come for a transfer. */
  readonly entrance: TransferEntrance;
  readonly #door: Door;
  readonly #limits: DoorLimits;
  readonly #events: DoorEvents;
  readonly #tls: Server | undefined;
  readonly #newcomers = new Map<string, Newcomer>();
  readonly #turnedAway = new Set<Socket>();

  constructor(options: {
    readonly limits: DoorLimits;
    /** Absent: plain TCP. */
    readonly tls: TlsIdentity | undefined;
    /** Where transfers over TLS are taken, while they are. */
    readonly transferPort: () => number | undefined;
    readonly events: DoorEvents;
  }) {
    this.#limits = options.limits;
    this.#events = options.events;
    this.#door = new Door(options.limits, performance.now());
    this.entrance = new TransferEntrance({
      port: options.transferPort,
      handshakeTimeoutMs: options.limits.handshakeTimeoutMs,
      settle: (address) => this.#door.settle(address),
    });
    if (options.tls !== undefined) this.#tls = this.#createTls(options.tls);
  }

  /** Sockets that are no chat connections: on their way in, being turned away, or here for a transfer. */
  get waitingCount(): number {
    return this.#newcomers.size + this.#turnedAway.size + this.entrance.count;
  }

  /** Another identity for those who come from now on. Throws when key and certificate are none, or no pair. */
  setIdentity({ certificate, key }: TlsIdentity): void {
    // An empty key would be no mistake to OpenSSL.
    createPrivateKey(key);
    this.#tls?.setSecureContext({ ...TLS_OPTIONS, cert: certificate, key });
  }

  /** Takes a socket that was just accepted. */
  // CHAT-DOOR-1
  handleSocket(socket: Socket): void {
    const address = addressKey(socket.remoteAddress);
    const refusal = this.#door.arrive(address, performance.now());
    if (refusal !== undefined) this.#refuse(socket, refusal);
    else if (this.#tls === undefined) this.#events.onConnection(socket, address);
    else this.#awaitTls(socket, address);
  }

  /** A connection that came in has said `hello`, or has gone. */
  settle(address: string | undefined): void {
    this.#door.settle(address);
  }

  /** Cuts everybody who has not come in; resolves when they are gone, and transfers too, after `patienceMs` at the latest. */
  async close(patienceMs: number): Promise<void> {
    const sockets = [...this.#turnedAway, ...[...this.#newcomers.values()].map(({ socket }) => socket)];
    const closed = sockets.map(
      (socket) => new Promise<void>((resolve) => socket.once('close', () => resolve())),
    );
    for (const socket of sockets) socket.destroy();
    await Promise.all([...closed, this.entrance.close(patienceMs)]);
  }

  #createTls({ certificate, key }: TlsIdentity): Server {
    createPrivateKey(key);
    const tls = createServer({ ...TLS_OPTIONS, cert: certificate, key }, (socket) => this.#admit(socket));
    tls.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
      // Who just goes away was not refused.
      if (error.code !== 'ECONNRESET') this.#events.onRefused('tls-failed', error.message);
      socket.destroy();
    });
    return tls;
  }

  // CHAT-TLS-1, CHAT-TLS-3
  #awaitTls(socket: Socket, address: string | undefined): void {
    const key = endpointKey(socket);
    // From here to the end of the handshake: half a handshake costs no more than none.
    const patience = setTimeout(() => {
      this.#events.onRefused('tls-failed', 'the handshake took too long');
      socket.destroy();
    }, this.#limits.handshakeTimeoutMs);
    this.#newcomers.set(key, { socket, address, patience });
    socket.on('error', () => {});
    socket.once('close', () => {
      if (this.#takeNewcomer(key) !== undefined) this.#door.settle(address);
    });
    let head: Buffer = Buffer.alloc(0);
    const sortOut = (chunk: Buffer): void => {
      head = Buffer.concat([head, chunk]);
      const isTls = firstLanguage(head[0]) === 'tls';
      const isTransfer = isTls && this.entrance.wants(head);
      if (isTransfer === undefined) return;
      socket.off('data', sortOut);
      if (isTransfer) {
        this.#takeNewcomer(key);
        this.entrance.bring(socket, head, address);
      } else if (isTls) {
        socket.pause();
        socket.unshift(head);
        this.#tls?.emit('connection', socket);
      } else this.#refuseLanguage(socket, head, address);
    };
    socket.on('data', sortOut);
  }

  // CHAT-TLS-3
  #refuseLanguage(socket: Socket, head: Uint8Array, address: string | undefined): void {
    this.#takeNewcomer(endpointKey(socket));
    this.#door.settle(address);
    this.#events.onRefused('tls-required', 'the client does not speak TLS');
    const isParley = firstLanguage(head[0]) === 'parley';
    this.#turnAway(socket, isParley ? serverMessages.encode(TLS_REQUIRED) : new Uint8Array(0));
  }

  #admit(socket: TLSSocket): void {
    const newcomer = this.#takeNewcomer(endpointKey(socket));
    if (newcomer === undefined) socket.destroy();
    else this.#events.onConnection(socket, newcomer.address);
  }

  #takeNewcomer(key: string): Newcomer | undefined {
    const newcomer = this.#newcomers.get(key);
    clearTimeout(newcomer?.patience);
    this.#newcomers.delete(key);
    return newcomer;
  }

  // CHAT-DOOR-1, CHAT-TLS-4
  #refuse(socket: Socket, { code, message, reconnectAfterMs }: Refusal): void {
    this.#events.onRefused(code, message);
    const goodbye = { type: 'goodbye', code, message, reconnectAfterMs } as const;
    socket.on('error', () => {});
    this.#turnAway(socket, this.#tls === undefined ? serverMessages.encode(goodbye) : refusalAlert(code));
  }

  #turnAway(socket: Socket, lastWords: Uint8Array): void {
    if (this.#turnedAway.size >= TURNED_AWAY_MAX) {
      socket.destroy();
      return;
    }
    this.#turnedAway.add(socket);
    const linger = setTimeout(() => socket.destroy(), LINGER_MS);
    socket.once('close', () => {
      clearTimeout(linger);
      this.#turnedAway.delete(socket);
    });
    // Unread bytes would turn the close into a reset, and the last words would be lost with it.
    socket.resume();
    socket.end(lastWords);
  }
}

// CHAT-TLS-1
const TLS_OPTIONS = { minVersion: 'TLSv1.3' } as const;

// CHAT-TLS-3
const TLS_REQUIRED: ServerMessageOf<'goodbye'> = {
  type: 'goodbye',
  code: 'tls-required',
  message: 'this server speaks TLS: connect with TLS',
  reconnectAfterMs: undefined,
};

/** No two open sockets of one listener have the same remote end. */
function endpointKey(socket: Socket): string {
  return `${socket.remoteAddress} ${socket.remotePort}`;
}
