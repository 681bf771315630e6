import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { TransferHost } from '@parley/server-core';

/** Holds the UDP port, and refuses transfers. */
export async function startTransferHost(address: { host: string; port: number }): Promise<TransferHost> {
  const socket = createSocket(address.host.includes(':') ? 'udp6' : 'udp4');
  socket.bind(address.port, address.host);
  await once(socket, 'listening');
  const bound = socket.address();
  let isOpen = true;
  return {
    address: () => ({ host: bound.address, port: bound.port }),
    offer: async () => {
      throw new Error('transfers are not available yet');
    },
    cancel: () => {},
    onEvent: () => {},
    close: async () => {
      if (isOpen) socket.close();
      isOpen = false;
    },
  };
}
