import { once } from 'node:events';
import { expect, test } from 'vitest';
import { startForwarder } from './forwarder.ts';
import { patternBytes, startClient, startListener } from './loopback.ts';

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
