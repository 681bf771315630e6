import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { connect } from 'node:tls';
import { seededRandom } from '@parley/netsim';
import { expect, test } from 'vitest';
import { offersProtocol } from '../../src/node/connections/client-hello.ts';

/** The first record of a real client. */
async function helloOf(protocols: string[]): Promise<Buffer> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const arrival = once(server, 'connection');
  const client = connect({ host: '127.0.0.1', port, ALPNProtocols: protocols });
  client.on('error', () => {});
  const [socket] = (await arrival) as [Socket];
  let head = Buffer.alloc(0);
  for await (const piece of socket.iterator({ destroyOnReturn: false })) {
    head = Buffer.concat([head, piece]);
    if (head.byteLength >= 5 && head.byteLength >= 5 + head.readUInt16BE(3)) break;
  }
  client.destroy();
  socket.destroy();
  server.close();
  return head;
}

// CHAT-TCP-1
test('a client that offers the protocol is known by its first record, and not before it is whole', async () => {
  const hello = await helloOf(['h2', 'parley-transfer/1']);
  for (let byteLength = 0; byteLength < hello.byteLength; byteLength += 1) {
    expect(offersProtocol(hello.subarray(0, byteLength), 'parley-transfer/1')).toBeUndefined();
  }
  expect(offersProtocol(hello, 'parley-transfer/1')).toBe(true);
  expect(offersProtocol(hello, 'h2')).toBe(true);
  expect(offersProtocol(hello, 'parley-transfer')).toBe(false);
});

// CHAT-TCP-1
test('one that offers nothing, or another protocol, does not', async () => {
  expect(offersProtocol(await helloOf([]), 'parley-transfer/1')).toBe(false);
  expect(offersProtocol(await helloOf(['h2']), 'parley-transfer/1')).toBe(false);
});

test.each([
  ['a record that is no handshake', Buffer.from('1503030002022f', 'hex')],
  ['a record larger than any', Buffer.from('160301ffff', 'hex')],
  ['a handshake that is no hello', Buffer.from('16030100010b', 'hex')],
  ['an empty record', Buffer.from('1603010000', 'hex')],
  ['a hello that ends at once', Buffer.from('160301000101', 'hex')],
])('%s offers nothing', (_, bytes) => {
  expect(offersProtocol(bytes, 'parley-transfer/1')).toBe(false);
});

test('whatever is changed in a hello, reading it ends, and throws nothing', async () => {
  const hello = await helloOf(['parley-transfer/1']);
  const random = seededRandom(20_261_128);
  for (let round = 0; round < 5_000; round += 1) {
    const bytes = Buffer.from(hello);
    for (let count = 0; count < 3; count += 1) {
      bytes[5 + Math.floor(random() * (bytes.byteLength - 5))] = Math.floor(random() * 256);
    }
    expect(offersProtocol(bytes, 'parley-transfer/1')).toBeTypeOf('boolean');
  }
});
