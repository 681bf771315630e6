import { EcnMark, type RemoteAddress } from '../../core/index.ts';
import type { Outgoing, UdpSocket, UdpSocketOptions, UdpSocketStatistics } from '../udp-socket.ts';
import { ArrivalClock } from './arrival-clock.ts';
import { openDescriptor, openDescriptorGroup } from './descriptor-group.ts';
import { IntervalReader } from './interval-reader.ts';
import { AddressFamily, type Libc, SocketOption } from './libc.ts';
import { adoptDescriptor, type Descriptor, type OffloadSocket } from './offload-socket.ts';
import { encodeSocketAddress, familyOf } from './socket-address.ts';

/**
 * Opens a socket that sets and reads ECN marks: a group of sockets on one port, each for the datagrams of one mark. Rejects with the
 * system's error when that fails, and leaves nothing behind.
 */
export async function openMarkedSocket(libc: Libc, options: UdpSocketOptions): Promise<UdpSocket> {
  const { bind, connect } = options;
  const host = connect?.host ?? bind?.host ?? '0.0.0.0';
  const anyHost = familyOf(host) === AddressFamily.ipv6 ? '::' : '0.0.0.0';
  const { first, second } = openDescriptorGroup(libc, connect || !bind ? { host: anyHost, port: 0 } : bind);
  const descriptors = first.slice();
  let socket: MarkedSocket | undefined;
  try {
    const clock = new ArrivalClock(libc);
    const emptyFirst = () => socket?.emptyGroup();
    const intervals = new IntervalReader(libc, { first, second, clock, emptyFirst }, options);
    socket = new MarkedSocket(options, intervals);
    for (;;) {
      const fd = descriptors.shift();
      if (fd === undefined) break;
      await socket.adopt({ libc, fd, clock }, host);
    }
    if (connect) await socket.openScout({ libc, clock }, anyHost, connect);
    return socket;
  } catch (error) {
    for (const fd of descriptors) libc.close(fd);
    await socket?.close();
    throw error;
  }
}

/** The group, as one socket. */
// RUDP-ECN-1, RUDP-ECN-2
class MarkedSocket implements UdpSocket {
  readonly #options: UdpSocketOptions;
  /** By the mark that they receive; the first one sends. */
  readonly #group: OffloadSocket[] = [];
  /**
   * Tied to the peer of a client until the first datagram comes, so that the system reports that nobody is there. It gets all of the
   * peer's datagrams meanwhile: those of the handshake have no mark.
   */
  #scout: OffloadSocket | undefined;
  readonly #intervals: IntervalReader;

  constructor(options: UdpSocketOptions, intervals: IntervalReader) {
    this.#options = options;
    this.#intervals = intervals;
  }

  /** Takes the descriptor for the next mark. */
  async adopt(descriptor: Descriptor, host: string): Promise<void> {
    const mark = this.#group.length as EcnMark;
    const { onDatagram, onError } = this.#options;
    const member = await adoptDescriptor(descriptor, host, {
      mark,
      isBatching: true,
      onDatagram,
      onError,
      readOn: this.#drain,
    });
    this.#group.push(member);
  }

  async openScout(
    { libc, clock }: Omit<Descriptor, 'fd'>,
    anyHost: string,
    connect: RemoteAddress,
  ): Promise<void> {
    const { onDatagram, onError } = this.#options;
    const fd = openDescriptor(libc, anyHost);
    try {
      // The last of the group: the filter never chooses it.
      libc.setOption(fd, SocketOption.reusePort, 1);
      libc.bind(fd, encodeSocketAddress(libc, { host: anyHost, port: this.#sender.local.port }));
    } catch (error) {
      libc.close(fd);
      throw error;
    }
    this.#scout = await adoptDescriptor({ libc, fd, clock }, anyHost, {
      connect,
      mark: EcnMark.none,
      onDatagram,
      onError,
      readOn: this.#dismissScout,
    });
  }

  get local(): RemoteAddress {
    return this.#sender.local;
  }

  get remote(): RemoteAddress | undefined {
    return this.#options.connect;
  }

  /** Reads all that waits in the sockets that wake us: nothing more comes to them. */
  emptyGroup(): void {
    for (const socket of this.#group) socket.empty();
  }

  send(train: Uint8Array, outgoing: Outgoing, done: () => void): void {
    this.#sender.send(train, outgoing, done);
  }

  statistics(): UdpSocketStatistics {
    const all = this.#group.map((socket) => socket.statistics());
    const [sender] = all as [UdpSocketStatistics];
    const scout = this.#scout?.statistics();
    const { reads, intervalMs } = this.#intervals;
    const receiveCalls = [...all, scout].reduce((sum, one) => sum + (one?.receiveCalls ?? 0), reads);
    return { ...sender, isEcnCapable: true, receiveCalls, readIntervalMs: intervalMs };
  }

  unref(): void {
    for (const socket of [...this.#group, this.#scout]) socket?.unref();
  }

  async close(): Promise<void> {
    this.#intervals.close();
    await Promise.all([...this.#group, this.#scout].map((socket) => socket?.close()));
  }

  get #sender(): OffloadSocket {
    return this.#scout ?? (this.#group[EcnMark.none] as OffloadSocket);
  }

  /** Reads from all: a packet must not be acknowledged before one that came earlier with another mark. */
  readonly #drain = (): void => {
    for (const socket of this.#group) socket.drain();
    this.#intervals.handleWake();
  };

  /** Somebody has answered: from here on the group sorts what arrives. */
  readonly #dismissScout = (): void => {
    const scout = this.#scout;
    this.#scout = undefined;
    scout?.drain();
    void scout?.close();
  };
}
