import { once } from 'node:events';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createParleyClient } from '../../src/index.ts';
import { FakeServer, POLITE } from '../support/fake-server.ts';

let server: FakeServer;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  server = await FakeServer.start(POLITE);
});

afterEach(async () => {
  vi.useRealTimers();
  await server.stop();
});

test('a client that has closed has let go of the connections before its last one, too', async () => {
  const address = { host: '127.0.0.1', port: server.port };
  const client = createParleyClient({ ...address, downloadFolder: '/nowhere', reconnects: true });
  await client.connect();
  await client.register('ann');
  // It ends the session and does not close the connection: the client does, a second later.
  const lost = once(client, 'connection-lost');
  server.peer.socket.pause();
  server.peer.send({ type: 'goodbye', code: 'server-stopping', message: '', reconnectAfterMs: 0 });
  await lost;
  vi.advanceTimersByTime(500);
  expect(client.state).toBe('connecting');
  let isClosed = false;
  const closed = client.closed.then(() => {
    isClosed = true;
  });
  client.abandon();
  for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
  expect(isClosed).toBe(false);
  vi.advanceTimersByTime(1_000);
  await closed;
});
