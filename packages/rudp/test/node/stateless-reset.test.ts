import { once } from 'node:events';
import { expect, test } from 'vitest';
import { startForwarder } from './forwarder.ts';
import { errorOf, startClient, startListener } from './loopback.ts';

// RUDP-STATELESS-1, RUDP-STATELESS-5
test('a client whose listener has restarted with its secret ends with the code forgotten', async () => {
  const resetSecret = new Uint8Array(32).fill(7);
  const first = await startListener({ resetSecret });
  const second = await startListener({ resetSecret });
  const forwarder = await startForwarder(first.address());
  const client = startClient(first, { host: forwarder.host, port: forwarder.port });
  await once(client, 'established');
  forwarder.redirect(second.address());
  const failed = errorOf(client);
  client.write('anybody there?');
  expect(await failed).toMatchObject({ name: 'RudpError', code: 'forgotten' });
  expect(client.endReason).toEqual({ kind: 'stateless-reset' });
});
