import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { RudpConnection } from '../../src/index.ts';
import { connect, derivePreSharedKey, listen, RejectCode, RudpError } from '../../src/index.ts';
import { errorOf, openPair, patternBytes, readAll, startClient, startListener, until } from './loopback.ts';

const ticket = new Uint8Array(32).fill(7);
const preSharedKey = derivePreSharedKey(ticket);

/** The port of a socket that takes every datagram and never answers. */
async function silentPort(): Promise<number> {
  const socket = createSocket('udp4');
  onTestFinished(() => {
    socket.close();
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return socket.address().port;
}

describe('a connection that cannot be made', () => {
  test('fails at once on a port that nobody has', async () => {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    const { port } = socket.address();
    await new Promise<void>((resolve) => socket.close(() => resolve()));
    const client = connect({ host: '127.0.0.1', port });
    const error = await errorOf(client);
    expect(error).toBeInstanceOf(RudpError);
    expect(error).toMatchObject({ code: 'unreachable' });
    expect(error.message).toContain(`127.0.0.1:${port}`);
  });

  test('gives up after the handshake timeout when nobody answers', async () => {
    const client = connect({
      host: '127.0.0.1',
      port: await silentPort(),
      config: { handshakeTimeoutMs: 50, initialRttMs: 10 },
    });
    await expect(errorOf(client)).resolves.toMatchObject({ code: 'handshake-timeout' });
    expect(client.endReason).toEqual({ kind: 'handshake-timed-out' });
  });

  test('says so when the host name does not resolve', async () => {
    const client = connect({ host: 'no-such-host.invalid', port: 1 });
    await expect(errorOf(client)).resolves.toMatchObject({ code: 'host-not-found' });
  });

  test('refuses settings out of range before anything is sent', () => {
    expect(() => connect({ host: '127.0.0.1', port: 9, config: { idleTimeoutMs: 0 } })).toThrow(
      /idleTimeoutMs/,
    );
  });
});

describe('AbortSignal', () => {
  test('ends a connection that is being made', async () => {
    const controller = new AbortController();
    const client = connect({ host: '127.0.0.1', port: await silentPort(), signal: controller.signal });
    const error = errorOf(client);
    await until(() => client.remote !== undefined);
    controller.abort();
    await expect(error).resolves.toMatchObject({ name: 'AbortError' });
    expect(client.endReason).toMatchObject({ kind: 'reset-locally' });
  });

  test('that is aborted already lets nothing begin', async () => {
    const client = connect({ host: '127.0.0.1', port: await silentPort(), signal: AbortSignal.abort() });
    await expect(errorOf(client)).resolves.toMatchObject({ name: 'AbortError' });
    if (!client.closed) await once(client, 'close');
  });

  test('ends a connection that is open, and the peer hears of it', async () => {
    const controller = new AbortController();
    const { client, server } = await openPair({ connect: { signal: controller.signal } });
    const [mine, theirs] = [errorOf(client), errorOf(server)];
    controller.abort();
    await expect(mine).resolves.toMatchObject({ name: 'AbortError' });
    await expect(theirs).resolves.toMatchObject({ code: 'reset' });
  });
});

describe('pre-shared keys', () => {
  // RUDP-TICKET-3
  test('admit who has the key, with the context that belongs to it', async () => {
    const { client, server } = await openPair({
      listen: {
        acceptPreSharedKey: (identity) =>
          Buffer.compare(identity, preSharedKey.identity) === 0
            ? { key: preSharedKey.key, context: 'the file' }
            : undefined,
      },
      connect: { preSharedKey },
    });
    expect(server.context).toBe('the file');
    server.end('bytes');
    expect((await readAll(client)).toString()).toBe('bytes');
  });

  test.each([
    ['an unknown key', derivePreSharedKey(new Uint8Array(32).fill(8))],
    ['no key', undefined],
  ])('refuse %s, and not a byte moves', async (_name, key) => {
    const listener = await startListener({ acceptPreSharedKey: () => undefined });
    listener.on('connection', () => expect.unreachable('nobody may get in'));
    const client = startClient(listener, key ? { preSharedKey: key } : {});
    client.write('let me in');
    await expect(errorOf(client)).resolves.toMatchObject({
      code: 'refused',
      resetCode: RejectCode.keyRefused,
    });
    expect(client.statistics()?.streamBytesAcknowledged).toBe(0);
    expect(listener.connectionCount).toBe(0);
  });

  test('do not admit who knows only the identity', async () => {
    const listener = await startListener({ acceptPreSharedKey: () => ({ key: preSharedKey.key }) });
    listener.on('connection', () => expect.unreachable('nobody may get in'));
    const client = startClient(listener, {
      preSharedKey: { identity: preSharedKey.identity, key: new Uint8Array(32) },
      config: { handshakeTimeoutMs: 50, initialRttMs: 10 },
    });
    await expect(errorOf(client)).resolves.toMatchObject({ name: 'RudpError' });
    expect(listener.connectionCount).toBe(0);
  });
});

describe('a listener', () => {
  test('serves 50 connections at once on one socket', async () => {
    const listener = await startListener();
    listener.on('connection', (connection) => connection.pipe(connection));
    const answers = await Promise.all(
      Array.from({ length: 50 }, async (_, index) => {
        const client = startClient(listener);
        const bytes = patternBytes(20_000 + index);
        client.end(bytes);
        return (await readAll(client)).equals(bytes);
      }),
    );
    expect(answers).toEqual(Array.from({ length: 50 }, () => true));
    await until(() => listener.connectionCount === 0);
  });

  test('that closes resets what is open and frees its port', async () => {
    const { listener, client } = await openPair();
    const { port } = listener.address();
    const error = errorOf(client);
    await listener.close();
    await expect(error).resolves.toMatchObject({ code: 'reset' });
    expect(listener.connectionCount).toBe(0);
    const again = await startListener({ port });
    expect(again.address().port).toBe(port);
  });

  test('may be closed twice and in a row with its connections', async () => {
    const { listener, server } = await openPair();
    server.destroy();
    await Promise.all([listener.close(), listener.close()]);
  });

  test('rejects an address that is taken', async () => {
    const listener = await startListener();
    const attempt = listen(listener.address());
    await expect(attempt).rejects.toMatchObject({ code: 'socket-failed', cause: { code: 'EADDRINUSE' } });
  });

  test('listens on IPv6 and IPv4 unless told otherwise, and reports what the system granted', async () => {
    const listener = await listen();
    onTestFinished(() => listener.close());
    const accepted = once(listener, 'connection') as Promise<[RudpConnection]>;
    const client = startClient(listener, { host: '127.0.0.1' });
    client.end();
    const [server] = await accepted;
    expect(server.remote?.host).toMatch(/127\.0\.0\.1$/);
    const statistics = listener.socketStatistics();
    expect(['portable', 'offload']).toContain(statistics.backend);
    expect(statistics.receiveBufferBytes).toBeGreaterThan(0);
    expect(statistics.receiveCalls).toBeGreaterThan(0);
  });

  test('outlives noise on its port', async () => {
    const listener = await startListener();
    const socket = createSocket('udp4');
    onTestFinished(() => {
      socket.close();
    });
    const { host, port } = listener.address();
    for (let length = 0; length < 64; length += 1) socket.send(patternBytes(length), port, host);
    socket.send(Buffer.alloc(1200, 1), port, host);
    const accepted = once(listener, 'connection') as Promise<[RudpConnection]>;
    const client = startClient(listener);
    client.end('hello');
    const [server] = await accepted;
    expect((await readAll(server)).toString()).toBe('hello');
  });
});

test('an asynchronous disposal resets a connection', async () => {
  const { client, server } = await openPair();
  const error = errorOf(server);
  await client[Symbol.asyncDispose]();
  expect(client.closed).toBe(true);
  await expect(error).resolves.toMatchObject({ code: 'reset' });
});

test('an asynchronous disposal closes a listener', async () => {
  const listener = await listen({ host: '127.0.0.1' });
  const closed = once(listener, 'close');
  await listener[Symbol.asyncDispose]();
  await closed;
});
