import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import {
  type Address,
  createRandom,
  formatAddress,
  Link,
  type LinkCounters,
  type LinkOptions,
} from '@parley/netsim';
import { DeliveryTimer, monotonicNow } from './delivery-timer.ts';

/** Settings of a relay. */
export interface RelayOptions {
  /**
   * Where everything from clients goes. A promise serves a target that has to be told the relay's address when it
   * starts; what clients send before it is there waits.
   */
  readonly target: Address | Promise<Address>;
  /** What happens on the way there; one line that all clients share. Outages are meant from the start of the relay. */
  readonly toTarget?: LinkOptions;
  /** What happens on the way back. */
  readonly fromTarget?: LinkOptions;
  /** Decides the faults: the nth packet of a direction meets the same fate in every run. */
  readonly seed: number | string;
  /** Where to listen: 127.0.0.1 and a free port unless told. */
  readonly host?: string;
  readonly port?: number;
}

/** What a relay did so far. */
export interface RelayStatistics {
  readonly clientCount: number;
  readonly toTarget: LinkCounters;
  readonly fromTarget: LinkCounters;
  /** Packets that no socket could be had for, or that would have waited behind too many others. */
  readonly packetsRefused: number;
}

/** A running relay. */
export interface Relay {
  /** Where clients send to. */
  readonly address: Address;
  statistics(): RelayStatistics;
  /** Drops what is on its way and frees every socket. */
  close(): Promise<void>;
}

// A client costs a socket. Enough for any test, and far below the usual limit of 1,024 open files.
const CLIENTS_MAX = 256;
// A client that was silent this long is forgotten when room is needed.
const CLIENT_IDLE_MS = 60_000;
// 100,000 packets of 1,500 bytes are 150 MB; a path that holds more than that is a mistake in the settings.
const PACKETS_WAITING_MAX = 100_000;
// The system's default (about 200 KB) loses packets that no link model asked for.
const SOCKET_BUFFER_BYTES = 4 << 20;

/** Starts a relay between clients and a target, with a link model in each direction. No root needed. */
export async function startRelay(options: RelayOptions): Promise<Relay> {
  const { host = '127.0.0.1', port = 0 } = options;
  const front = await openSocket(host, port);
  return new LossyRelay(front, options);
}

interface Client {
  readonly remote: Address;
  readonly back: Promise<Socket | undefined>;
  lastSeenMs: number;
}

interface Parcel {
  readonly socket: Socket;
  /** Left out where the socket knows: those towards the target are connected to it. */
  readonly to?: Address;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

class LossyRelay implements Relay {
  readonly address: Address;
  readonly #front: Socket;
  readonly #target: Promise<Address>;
  readonly #toTarget: Link;
  readonly #fromTarget: Link;
  readonly #startedAtMs = monotonicNow();
  readonly #clients = new Map<string, Client>();
  readonly #backs = new Set<Socket>();
  readonly #timer = new DeliveryTimer<Parcel>((parcel) => send(parcel));
  /** Those that wait for their client's socket, or for the target to be known. */
  #packetsUnopened = 0;
  #packetsRefused = 0;
  #isClosed = false;

  constructor(front: Socket, options: RelayOptions) {
    const { address, port } = front.address();
    this.address = { host: address, port };
    this.#front = front;
    this.#target = Promise.resolve(options.target);
    // Whoever made the promise hears of its failure; here it only means that nobody can be reached.
    this.#target.catch(() => {});
    const random = createRandom(options.seed);
    this.#toTarget = new Link(options.toTarget ?? {}, random.fork('to target'));
    this.#fromTarget = new Link(options.fromTarget ?? {}, random.fork('from target'));
    front.on('message', (bytes: Uint8Array<ArrayBuffer>, remote) => void this.#forward(bytes, remote));
  }

  statistics(): RelayStatistics {
    return {
      clientCount: this.#clients.size,
      toTarget: structuredClone(this.#toTarget.counters),
      fromTarget: structuredClone(this.#fromTarget.counters),
      packetsRefused: this.#packetsRefused,
    };
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#timer.close();
    this.#clients.clear();
    const sockets = [this.#front, ...this.#backs];
    await Promise.all(sockets.map((socket) => new Promise<void>((resolve) => socket.close(() => resolve()))));
  }

  async #forward(bytes: Uint8Array<ArrayBuffer>, remote: RemoteInfo): Promise<void> {
    const receivedAtMs = this.#elapsedMs();
    const isFull = this.#packetsUnopened >= PACKETS_WAITING_MAX;
    const client = isFull ? undefined : this.#client({ host: remote.address, port: remote.port });
    this.#packetsUnopened++;
    const socket = await client?.back;
    this.#packetsUnopened--;
    if (socket === undefined) this.#packetsRefused++;
    else this.#pass(this.#toTarget, { socket, bytes }, receivedAtMs);
  }

  #client(remote: Address): Client | undefined {
    const key = formatAddress(remote);
    const known = this.#clients.get(key);
    if (known !== undefined) {
      known.lastSeenMs = this.#elapsedMs();
      return known;
    }
    if (this.#isClosed || !this.#makeRoom()) return undefined;
    const client: Client = { remote, back: this.#openBack(remote), lastSeenMs: this.#elapsedMs() };
    this.#clients.set(key, client);
    return client;
  }

  async #openBack(remote: Address): Promise<Socket | undefined> {
    try {
      const target = await this.#target;
      const back = await openSocket(isIPv6(target.host) ? '::' : '0.0.0.0', 0);
      this.#backs.add(back);
      back.once('close', () => this.#backs.delete(back));
      // Closing waits for the sockets that it knows; this one has come too late for it.
      if (this.#isClosed) back.close();
      back.connect(target.port, target.host);
      await once(back, 'connect');
      back.on('message', (bytes: Uint8Array<ArrayBuffer>) => {
        this.#pass(this.#fromTarget, { socket: this.#front, to: remote, bytes }, this.#elapsedMs());
      });
      return back;
    } catch {
      this.#clients.delete(formatAddress(remote));
      return undefined;
    }
  }

  #makeRoom(): boolean {
    if (this.#clients.size < CLIENTS_MAX) return true;
    const silentSinceMs = this.#elapsedMs() - CLIENT_IDLE_MS;
    for (const [key, client] of this.#clients) {
      if (client.lastSeenMs > silentSinceMs) continue;
      this.#clients.delete(key);
      void client.back.then((back) => back?.close());
    }
    return this.#clients.size < CLIENTS_MAX;
  }

  /** Sends a packet through a link model: what arrives, and when, is up to it. */
  #pass(link: Link, parcel: Parcel, now: number): void {
    if (this.#isClosed) return;
    if (this.#timer.length >= PACKETS_WAITING_MAX) {
      this.#packetsRefused++;
      return;
    }
    for (const { atMs, bytes } of link.transmit(now, parcel.bytes).deliveries) {
      this.#timer.add(this.#startedAtMs + atMs, { ...parcel, bytes });
    }
  }

  #elapsedMs(): number {
    return monotonicNow() - this.#startedAtMs;
  }
}

async function openSocket(host: string, port: number): Promise<Socket> {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  socket.bind(port, host);
  await once(socket, 'listening');
  // A later error concerns one packet (its target is gone, say): for a network that is a loss like any other.
  socket.on('error', () => {});
  try {
    socket.setRecvBufferSize(SOCKET_BUFFER_BYTES);
    socket.setSendBufferSize(SOCKET_BUFFER_BYTES);
  } catch {
    // The system gives what it can.
  }
  return socket;
}

function send({ socket, to, bytes }: Parcel): void {
  try {
    if (to === undefined) socket.send(bytes, () => {});
    else socket.send(bytes, to.port, to.host, () => {});
  } catch {
    // The socket of a client that was forgotten in the meantime.
  }
}
