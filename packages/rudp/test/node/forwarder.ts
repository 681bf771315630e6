import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { onTestFinished } from 'vitest';

async function openSocket(onMessage: (bytes: Buffer, from: RemoteInfo) => void): Promise<Socket> {
  const socket = createSocket('udp4', onMessage);
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}

/**
 * Passes datagrams between one client and `target`, as a NAT does; `rebind` gives the client another port, `redirect` sends its
 * packets to another server, as when one has taken the place of another at the same address.
 */
export async function startForwarder(first: { host: string; port: number }) {
  let target = first;
  let client: RemoteInfo | undefined;
  const inner = await openSocket((bytes, from) => {
    client = from;
    outer.send(bytes, target.port, target.host);
  });
  const openOuter = () =>
    openSocket((bytes) => {
      if (client !== undefined) inner.send(bytes, client.port, client.address);
    });
  let outer = await openOuter();
  onTestFinished(() => {
    inner.close();
    outer.close();
  });
  return {
    host: '127.0.0.1',
    port: inner.address().port,
    redirect: (next: typeof first) => {
      target = next;
    },
    rebind: async () => {
      const next = await openOuter();
      outer.close();
      outer = next;
    },
  };
}
