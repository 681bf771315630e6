import { EcnMark, type RemoteAddress } from '../../core/index.ts';
import { SOCKET_BUFFER_BYTES_WANTED } from '../portable-socket.ts';
import { Errno } from './errno.ts';
import { AddressFamily, type Libc, MTU_DISCOVER_PROBE, SocketOption, SystemCallError } from './libc.ts';
import { addressBytesOf, decodeSocketAddress, encodeSocketAddress, familyOf } from './socket-address.ts';

/** Every mark that a datagram may arrive with; the descriptor of one stands at its number in a group. */
const MARKS = [EcnMark.none, EcnMark.ect1, EcnMark.ect0, EcnMark.congestion] as const;
/** How often another free port is tried, when somebody takes the one that was found. */
const TRIES_MAX = 8;

/** A UDP socket with what all of ours need: joined datagrams, no fragments. Throws `SystemCallError`. */
export function openDescriptor(libc: Libc, host: string): number {
  const fd = libc.openUdp(familyOf(host));
  try {
    libc.setOption(fd, SocketOption.udpGro, 1);
    if (familyOf(host) === AddressFamily.ipv6) {
      libc.setOption(fd, SocketOption.ipv6MtuDiscover, MTU_DISCOVER_PROBE);
      // As `node:dgram` does by default: IPv4 peers come in, too.
      libc.setOption(fd, SocketOption.ipv6Only, 0);
    }
    libc.setOption(fd, SocketOption.ipMtuDiscover, MTU_DISCOVER_PROBE);
  } catch (error) {
    libc.close(fd);
    throw error;
  }
  return fd;
}

/** Descriptors on one port, each for the datagrams of one mark, by its number. */
export interface DescriptorGroup {
  /** These get the datagrams. */
  readonly first: number[];
  /** These get them instead while `sortInto` says so. */
  readonly second: number[];
}

/**
 * Two times four sockets on one port: the kernel hands each datagram to the one that stands for its mark, since Node shows none. All
 * are bound to `local`, with a free port for port 0, and the port is ours alone. Throws `SystemCallError`, with every descriptor closed.
 */
// RUDP-ECN-2
export function openDescriptorGroup(libc: Libc, local: RemoteAddress): DescriptorGroup {
  const descriptors: number[] = [];
  try {
    const address = bindFirst(libc, local, descriptors);
    while (descriptors.length < 2 * MARKS.length) {
      const fd = openDescriptor(libc, local.host);
      descriptors.push(fd);
      libc.setOption(fd, SocketOption.reusePort, 1);
      // `node:dgram` asks for the same at the first ones.
      libc.setOption(fd, SocketOption.receiveBuffer, SOCKET_BUFFER_BYTES_WANTED);
      // Not of the first ones: then the kernel no longer tells the time of what `node:dgram` reads.
      if (descriptors.length > MARKS.length) libc.setOption(fd, SocketOption.receiveTime, 1);
      libc.bind(fd, address);
    }
    libc.sortByMark(descriptors[0] as number, 0);
    return { first: descriptors.slice(0, MARKS.length), second: descriptors.slice(MARKS.length) };
  } catch (error) {
    for (const fd of descriptors) libc.close(fd);
    throw error;
  }
}

/** From now on datagrams go to the first or the second sockets of the group that `fd` belongs to. Throws `SystemCallError`. */
export function sortInto(libc: Libc, fd: number, half: keyof DescriptorGroup): void {
  libc.sortByMark(fd, half === 'first' ? 0 : MARKS.length);
}

/** Binds the first without leave for others, so that a port that is taken is an error, and then lets the rest of the group come in. */
function bindFirst(libc: Libc, local: RemoteAddress, descriptors: number[]): Uint8Array {
  for (let tries = 1; ; tries += 1) {
    // Named, because a socket whose port the system chose loses it when it is disconnected.
    const address = local.port === 0 ? findFreeAddress(libc, local) : encodeSocketAddress(libc, local);
    const fd = openDescriptor(libc, local.host);
    descriptors[0] = fd;
    try {
      libc.bind(fd, address);
      libc.setOption(fd, SocketOption.reusePort, 1);
      return address;
    } catch (error) {
      const isTaken = error instanceof SystemCallError && error.errno === Errno.addressInUse;
      if (!isTaken || local.port !== 0 || tries === TRIES_MAX) throw error;
      libc.close(fd);
      descriptors.length = 0;
    }
  }
}

function findFreeAddress(libc: Libc, local: RemoteAddress): Uint8Array {
  const fd = openDescriptor(libc, local.host);
  try {
    libc.bind(fd, encodeSocketAddress(libc, local));
    const { port } = decodeSocketAddress(libc, libc.localAddress(fd, addressBytesOf(familyOf(local.host))));
    return encodeSocketAddress(libc, { host: local.host, port });
  } finally {
    libc.close(fd);
  }
}
