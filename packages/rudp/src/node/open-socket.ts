import { RudpError } from './errors.ts';
import { openMarkedSocket } from './offload/marked-socket.ts';
import { openOffloadSocket } from './offload/offload-socket.ts';
import { findOffload, type Offload } from './offload/probe.ts';
import { openPortableSocket } from './portable-socket.ts';
import type { UdpSocket, UdpSocketOptions } from './udp-socket.ts';

/** Opens a UDP socket; rejects with the system's error when binding or connecting fails, or with a `RudpError` that says what `offload` misses. */
export async function openUdpSocket(
  options: UdpSocketOptions,
  find: () => Offload = findOffload,
): Promise<UdpSocket> {
  const io = options.io ?? 'auto';
  if (io === 'portable') return openPortableSocket(options);
  const offload = find();
  if ('libc' in offload) {
    const open = offload.readsMarks ? openMarkedSocket : openOffloadSocket;
    return open(offload.libc, options);
  }
  if (io === 'offload')
    throw new RudpError('socket-failed', `the offload backend is not available: ${offload.missing}`);
  return openPortableSocket(options, offload.missing);
}
