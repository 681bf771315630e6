import { openDescriptor, openDescriptorGroup, sortInto } from './descriptor-group.ts';
import { Errno } from './errno.ts';
import { AddressFamily, type Libc, loadLibc, SocketOption } from './libc.ts';
import { addressBytesOf, encodeSocketAddress } from './socket-address.ts';

/** Whether this machine has what the offload backend needs; `readsMarks` tells whether it can sort datagrams by their ECN mark, too. */
export type Offload = { readonly libc: Libc; readonly readsMarks: boolean } | { readonly missing: string };

let found: Offload | undefined;

/** The C library with segmentation and coalescing, tried once on loopback; otherwise what is missing. */
export function findOffload(): Offload {
  found ??= probe();
  return found;
}

function probe(): Offload {
  if (process.platform !== 'linux') return { missing: `no offload on ${process.platform}` };
  let libc: Libc;
  try {
    libc = loadLibc();
  } catch (error) {
    return { missing: `koffi does not load: ${messageOf(error)}` };
  }
  try {
    testOnLoopback(libc);
    return { libc, readsMarks: sortsByMark(libc) };
  } catch (error) {
    return { missing: `no UDP_SEGMENT and UDP_GRO here: ${messageOf(error)}` };
  }
}

function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n', 1)[0] as string;
}

const SEGMENT_BYTES = 100;
const WAIT_MS = 200;

/** A train of two whole segments and a short one has to arrive byte by byte, cut or in one piece. Throws when it does not. */
function testOnLoopback(libc: Libc): void {
  const descriptors: number[] = [];
  const open = (): number => {
    const fd = openDescriptor(libc, '127.0.0.1');
    descriptors.push(fd);
    libc.setOption(fd, SocketOption.udpSegment, 0);
    return fd;
  };
  try {
    const [sender, receiver] = [open(), open()];
    libc.bind(receiver, encodeSocketAddress(libc, { host: '127.0.0.1', port: 0 }));
    const target = libc.localAddress(receiver, addressBytesOf(AddressFamily.ipv4));
    const train = Uint8Array.from({ length: 2 * SEGMENT_BYTES + 1 }, (_, index) => index);
    libc.setOption(sender, SocketOption.udpSegment, SEGMENT_BYTES);
    const errno = libc.send(sender, train, target);
    // A network namespace without a loopback device can still use the others: what they refuse is seen when it happens.
    if (errno !== Errno.none && isUnreachable(errno)) return;
    if (errno !== Errno.none) throw new Error(`a train was refused with error ${errno}`);
    const arrived = new Uint8Array(2 * train.length);
    let byteLength = 0;
    while (byteLength < train.length) {
      const received = libc.receive(receiver, arrived.subarray(byteLength), WAIT_MS);
      if (received === 0) throw new Error('a train did not arrive on loopback');
      byteLength += received;
    }
    if (!train.every((byte, index) => byte === arrived[index]) || byteLength !== train.length)
      throw new Error('a train arrived changed');
  } finally {
    for (const fd of descriptors) libc.close(fd);
  }
}

/** A datagram of each mark has to reach the socket for it, and be there for a read of many. */
function sortsByMark(libc: Libc): boolean {
  const descriptors: number[] = [];
  try {
    const group = openDescriptorGroup(libc, { host: '127.0.0.1', port: 0 });
    descriptors.push(...group.first, ...group.second);
    const [first = 0] = group.first;
    const address = libc.localAddress(first, addressBytesOf(AddressFamily.ipv4));
    const sender = openDescriptor(libc, '127.0.0.1');
    descriptors.push(sender);
    const arrivesAt = (receiver: number, mark: number): boolean => {
      libc.setOption(sender, SocketOption.ipTypeOfService, mark);
      if (libc.send(sender, Uint8Array.of(mark), address) !== Errno.none) return false;
      return libc.waitForData(receiver, WAIT_MS) && readByte(libc, receiver) === mark;
    };
    return (['first', 'second', 'first'] as const).every((half) => {
      sortInto(libc, first, half);
      return group[half].every(arrivesAt);
    });
  } catch {
    // An old kernel, or a sandbox that forbids filters.
    return false;
  } finally {
    for (const fd of descriptors) libc.close(fd);
  }
}

/** The only message that waits there, which is one byte. */
function readByte(libc: Libc, fd: number): number | undefined {
  const received = libc.receiveMessages(fd);
  const bytes = received.count === 1 ? received.bytesOf(0) : undefined;
  return bytes?.length === 1 ? bytes[0] : undefined;
}

/** EPERM (a firewall), EADDRNOTAVAIL, ENETDOWN, ENETUNREACH, EHOSTUNREACH. */
function isUnreachable(errno: number): boolean {
  return [1, 99, 100, 101, 113].includes(errno);
}
