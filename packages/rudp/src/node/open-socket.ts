import { openOffloadSocket } from './offload/offload-socket.ts';
import { findOffload } from './offload/probe.ts';
import { openPortableSocket } from './portable-socket.ts';
import type { UdpSocket, UdpSocketOptions } from './udp-socket.ts';

/** Opens a UDP socket; rejects with the system's error when binding or connecting fails, or with what `offload` misses. */
export async function openUdpSocket(options: UdpSocketOptions): Promise<UdpSocket> {
  const io = options.io ?? 'auto';
  if (io === 'portable') return openPortableSocket(options);
  const offload = findOffload();
  if ('libc' in offload) return openOffloadSocket(offload.libc, options);
  if (io === 'offload') throw new Error(`the offload backend is not available: ${offload.missing}`);
  return openPortableSocket(options, offload.missing);
}
