// The client and TLS, on real sockets of 127.0.0.1. Everything waits for events, nothing for time.
import { createHash, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import {
  type CheckServer,
  createParleyClient,
  type ParleyClient,
  type ServerIdentity,
  trustRoots,
} from '../../src/index.ts';
import { FakeServer, POLITE } from '../support/fake-server.ts';
import { IDENTITY, OTHER_IDENTITY } from '../support/identities.ts';

const cleanups: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

function createClient(port: number, checkServer?: CheckServer, host = '127.0.0.1'): ParleyClient {
  const tls = checkServer === undefined ? {} : { tls: { checkServer } };
  return createParleyClient({ host, port, downloadFolder: '/nowhere', ...tls });
}

async function startFake(identity?: typeof IDENTITY): Promise<FakeServer> {
  const fake = await FakeServer.start(POLITE, identity);
  cleanups.push(() => fake.stop());
  return fake;
}

/** A server that answers the first bytes with these, and closes. */
async function startRaw(answer: Uint8Array, answersAtOnce = false): Promise<number> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    if (answersAtOnce) socket.end(answer);
    else socket.once('data', () => socket.end(answer));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

async function endOf(client: ParleyClient) {
  await expect(client.connect()).rejects.toThrow();
  return client.closed;
}

const trustAll: CheckServer = () => undefined;

// CHAT-TLS-1, CHAT-TLS-2
test('a server that is believed is talked with, in TLS 1.3', async () => {
  const fake = await startFake(IDENTITY);
  const seen: ServerIdentity[] = [];
  const client = createClient(fake.port, (identity) => {
    seen.push(identity);
    return undefined;
  });
  await client.connect();
  await client.register('ann');
  const { publicKey } = new X509Certificate(IDENTITY.cert);
  const digest = createHash('sha256').update(publicKey.export({ type: 'spki', format: 'der' }));
  expect(seen).toEqual([
    { fingerprint: `SHA256:${digest.digest('base64').slice(0, 43)}`, isVouchedFor: false },
  ]);
  await client.leave();
  expect(await client.closed).toEqual({ kind: 'left' });
});

// CHAT-TLS-2
test('a server that is not believed is told nothing', async () => {
  const fake = await startFake(OTHER_IDENTITY);
  const client = createClient(fake.port, () => ({ reason: 'changed', message: 'it is another one' }));
  const end = await endOf(client);
  expect(end).toEqual({
    kind: 'untrusted-server',
    reason: 'changed',
    message: 'it is another one',
    fingerprint: expect.stringMatching(/^SHA256:[\w+/]{43}$/),
  });
  await fake.peers[0]?.closed;
  expect(fake.peers.flatMap(({ received }) => received)).toEqual([]);
});

// CHAT-TLS-2
test('the roots vouch for no certificate that signed itself, by name or by address', async () => {
  const fake = await startFake(IDENTITY);
  for (const host of ['127.0.0.1', 'localhost']) {
    expect(await endOf(createClient(fake.port, trustRoots, host))).toMatchObject({
      kind: 'untrusted-server',
      reason: 'unknown',
      message: 'nobody that this system trusts vouches for its certificate',
    });
  }
  expect(trustRoots({ fingerprint: '', isVouchedFor: true })).toBeUndefined();
});

describe('a client that speaks TLS', () => {
  const goodbye = Buffer.from('0000000b4c0400066e6f742075730000', 'hex');
  // CHAT-TLS-3
  test.each([
    ['a Parley server of plain TCP', goodbye],
    ['a web server', Buffer.from('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n')],
    ['a mail server', Buffer.from('220 mail.example ESMTP\r\n')],
  ])('says that %s does not speak it', async (_, answer) => {
    const port = await startRaw(answer);
    expect(await endOf(createClient(port, trustAll))).toEqual({
      kind: 'connect-failed',
      code: 'tls-unavailable',
      message: `127.0.0.1:${port} does not speak TLS`,
    });
  });

  // CHAT-TLS-4
  test.each([
    ['49', 'address-limit', 'takes no more connections from this address now'],
    ['80', 'server-full', 'takes no more connections now'],
  ])('takes the alert %s for %s, and knows when to come back', async (alert, code, words) => {
    const bytes = Buffer.from([0x15, 3, 3, 0, 2, 2, Number(alert)]);
    const port = await startRaw(bytes, true);
    expect(await endOf(createClient(port, trustAll))).toEqual({
      kind: 'goodbye',
      code,
      message: `127.0.0.1:${port} ${words}`,
      reconnectAfterMs: 30_000,
    });
  });

  test.each([
    ['that goes away in the middle', Buffer.alloc(0), 'closed the connection before it was made'],
    ['of an older version', Buffer.from([0x15, 3, 3, 0, 2, 2, 70]), 'does not speak TLS 1.3'],
    [
      'of noise in records',
      Buffer.from(`1603030040${'ab'.repeat(64)}`, 'hex'),
      /^TLS with .* failed: [a-z ]+$/,
    ],
  ])('has words for a server %s', async (_, answer, words) => {
    const port = await startRaw(answer);
    expect(await endOf(createClient(port, trustAll))).toMatchObject({
      kind: 'connect-failed',
      message: typeof words === 'string' ? expect.stringContaining(words) : expect.stringMatching(words),
    });
  });

  test('ends when somebody on the way changes a byte', async () => {
    const fake = await startFake(IDENTITY);
    const relay = createServer((socket) => {
      const onward = new (socket.constructor as new () => Socket)().connect(fake.port, '127.0.0.1');
      for (const one of [socket, onward]) one.on('error', () => {});
      socket.pipe(onward);
      let count = 0;
      onward.on('data', (chunk: Buffer) => {
        count += 1;
        // The first is the handshake; the last byte of a record belongs to its authentication.
        if (count > 1) chunk[chunk.length - 1] = (chunk.at(-1) as number) ^ 1;
        socket.write(chunk);
      });
      onward.on('close', () => socket.destroy());
    });
    relay.listen(0, '127.0.0.1');
    await once(relay, 'listening');
    cleanups.push(() => new Promise((resolve) => relay.close(resolve)));
    const client = createClient((relay.address() as AddressInfo).port, trustAll);
    expect(await endOf(client)).toEqual({
      kind: 'connection-lost',
      message: expect.stringContaining('what arrived was not what the server sent'),
    });
  });
});

// CHAT-TLS-3
test('a client of plain TCP says that the server speaks TLS', async () => {
  const port = await startRaw(Buffer.from([0x15, 3, 3, 0, 2, 2, 70]));
  expect(await endOf(createClient(port))).toEqual({ kind: 'protocol-violation', message: 'it speaks TLS' });
});

test('what another kind of server answers is shown, without what a terminal might obey', async () => {
  const port = await startRaw(Buffer.from('SSH-2.0-Other_9.2\u001b[2J\r\n'));
  expect(await endOf(createClient(port))).toEqual({
    kind: 'protocol-violation',
    message: 'it answers "SSH-2.0-Other_9.2", as other servers do',
  });
});
