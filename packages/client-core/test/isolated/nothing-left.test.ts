import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { createParleyClient } from '../../src/index.ts';
import { FakeServer, POLITE } from '../support/fake-server.ts';
import { FakeTransferHost } from '../support/fake-transfer-host.ts';

// What is open is counted for the whole process: nobody else may be closing something meanwhile.
test('leaves no timer and no socket behind', async () => {
  const server = await FakeServer.start(POLITE);
  const client = createParleyClient({
    host: '127.0.0.1',
    port: server.port,
    downloadFolder: tmpdir(),
    createTransferHost: () => new FakeTransferHost(),
  });
  const open = () => process.getActiveResourcesInfo().filter((kind) => /Timeout|TCPSocket/.test(kind)).length;
  const before = open();
  await client.connect();
  await client.register('ann');
  expect(open()).toBeGreaterThan(before);
  await client.leave();
  await server.peer.closed;
  expect(client.state).toBe('closed');
  expect(open()).toBe(before);
  await server.stop();
});
