import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { patternBytes, startClient, startListener } from './loopback.ts';

async function openSocket(onMessage: (bytes: Buffer, from: RemoteInfo) => void): Promise<Socket> {
  const socket = createSocket('udp4', onMessage);
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket;
}

/** Passes datagrams between one client and `target`, as a NAT does; `rebind` gives the client another port. */
async function startForwarder(target: { host: string; port: number }) {
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
    rebind: async () => {
      const next = await openOuter();
      outer.close();
      outer = next;
    },
  };
}

// RUDP-PATH-2, RUDP-PATH-3
test.each(['a download', 'an upload'])('%s over real sockets goes on when its port changes', async (what) => {
  const listener = await startListener();
  const forwarder = await startForwarder(listener.address());
  const client = startClient(listener, { host: forwarder.host, port: forwarder.port });
  const [server] = await once(listener, 'connection');
  const before = { ...server.remote };
  const [source, target] = what === 'a download' ? [server, client] : [client, server];
  const payload = patternBytes(6_000_000);
  source.end(payload);
  target.end();
  const chunks: Buffer[] = [];
  let receivedBytes = 0;
  let rebound: Promise<void> | undefined;
  for await (const chunk of target) {
    chunks.push(chunk);
    receivedBytes += chunk.length;
    if (receivedBytes > 1_000_000) rebound ??= forwarder.rebind();
  }
  await rebound;
  expect(Buffer.concat(chunks).equals(payload)).toBe(true);
  expect(server.remote.host).toBe(before.host);
  expect(server.remote.port).not.toBe(before.port);
});
