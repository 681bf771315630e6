import { expect, test } from 'vitest';
import type { AeadChoice } from '../../src/index.ts';
import { connect, listen } from '../../src/index.ts';
import { openPair, readAll } from './loopback.ts';

test.each([
  ['openssl-ffi', 'node'],
  ['node', 'openssl-ffi'],
  ['auto', 'auto'],
] as [AeadChoice, AeadChoice][])(
  'a client with %s and a listener with %s understand each other',
  async (clientAead, serverAead) => {
    const { client, server } = await openPair({
      connect: { aead: clientAead },
      listen: { aead: serverAead },
    });
    client.end(Buffer.alloc(100_000, 'parley'));
    server.end();
    expect(await readAll(server)).toEqual(Buffer.alloc(100_000, 'parley'));
    const named = (choice: AeadChoice) => (choice === 'auto' ? 'openssl-ffi' : choice);
    expect(client.statistics()?.aeadLibrary).toBe(named(clientAead));
    expect(server.statistics()?.aeadLibrary).toBe(named(serverAead));
  },
);

test('a library that does not exist is refused at once', async () => {
  const aead = 'sodium' as AeadChoice;
  expect(() => connect({ host: '127.0.0.1', port: 1, aead })).toThrow(/aead: expected one of auto/);
  await expect(listen({ host: '127.0.0.1', aead })).rejects.toMatchObject({ code: 'invalid-config' });
});
