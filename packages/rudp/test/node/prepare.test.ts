import { once } from 'node:events';
import { expect, test } from 'vitest';
import { prepare } from '../../src/index.ts';
import { openPair, readAll, until } from './loopback.ts';

const sockets = () => process.getActiveResourcesInfo().filter((name) => name === 'UDPWrap').length;

test('prepares and leaves no socket open', async () => {
  const before = sockets();
  await prepare();
  await until(() => sockets() <= before);
});

test('prepares again, and connections work afterwards', async () => {
  await prepare({ io: 'portable' });
  await prepare({ io: 'portable' });
  const { client, server } = await openPair({ listen: { io: 'portable' }, connect: { io: 'portable' } });
  client.end('hello');
  expect((await readAll(server)).toString()).toBe('hello');
  server.end();
  client.resume();
  await once(client, 'close');
});

test('rejects a setting that is none', async () => {
  await expect(prepare({ aead: 'rot13' as 'node' })).rejects.toMatchObject({ name: 'InvalidConfigError' });
});

test('ends early when it is told to, and leaves no socket open', async () => {
  const before = sockets();
  await prepare({ signal: AbortSignal.abort() });
  await until(() => sockets() <= before);
});
