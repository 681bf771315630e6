import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createParleyClient, type ParleyClient, type Transfer } from '../../src/index.ts';
import { FakeServer, POLITE, type Script } from '../support/fake-server.ts';
import { FakeTransferHost } from '../support/fake-transfer-host.ts';
import { LOBBY, nick } from '../support/scenario.ts';

const cleanups: (() => unknown)[] = [];
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-client-'));
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  await rm(folder, { recursive: true });
});

async function setUp(
  script: Script = {},
): Promise<{ server: FakeServer; client: ParleyClient; host: FakeTransferHost }> {
  const server = await FakeServer.start({ ...POLITE, ...script });
  cleanups.push(() => server.stop());
  const host = new FakeTransferHost();
  const client = clientOf(server.port, host);
  return { server, client, host };
}

function clientOf(port: number, host = new FakeTransferHost(), name = '127.0.0.1'): ParleyClient {
  const client = createParleyClient({
    host: name,
    port,
    downloadFolder: folder,
    createTransferHost: () => host,
  });
  cleanups.push(() => client.abandon());
  return client;
}

async function register(client: ParleyClient, nickname = 'ann'): Promise<void> {
  await client.connect();
  await client.register(nickname);
}

test('connects, registers, says something and hears it, and leaves', async () => {
  const { server, client } = await setUp({
    say: ({ requestId, room, text }, peer) => {
      const place = { sequence: 1, time: 5 };
      peer.send({ type: 'accepted', requestId, epoch: 1, ...place });
      peer.send({
        type: 'message',
        room: room as never,
        ...place,
        from: nick('ann'),
        kind: 'text',
        target: 0,
        text: text as never,
      });
    },
  });
  expect(await client.connect()).toMatchObject({ name: 'fake', room: 'lobby' });
  expect(await client.register('ann')).toEqual({ nickname: 'ann', room: 'lobby' });
  const heard = once(client, 'message');
  expect(await client.say('hello')).toEqual({ epoch: 1, sequence: 1, time: 5 });
  expect((await heard)[0]).toMatchObject({ message: { from: 'ann', text: 'hello', isOwn: true } });
  await client.leave('bye');
  expect(client.end).toEqual({ kind: 'left' });
  expect(server.peer.received.at(-1)).toEqual({ type: 'leave', reason: 'bye' });
  await server.peer.closed;
});

// CHAT-FRAME-2
test('reads messages that arrive one byte at a time', async () => {
  const { server, client } = await setUp();
  await register(client);
  const heard = once(client, 'user-joined');
  const { serverMessages } = await import('@parley/protocol');
  server.peer.socket.setNoDelay(true);
  const bytes = serverMessages.encode({
    type: 'presence',
    room: LOBBY,
    members: 2,
    left: [],
    joined: [{ nickname: nick('bob'), joinedAt: 3 }],
  });
  for (const byte of bytes) server.peer.socket.write(Uint8Array.of(byte));
  expect((await heard)[0]).toEqual({ type: 'user-joined', room: 'lobby', nickname: 'bob', time: 3 });
});

test('a listener may give commands', async () => {
  const { server, client } = await setUp({
    'list-files': ({ requestId }, peer) =>
      peer.send({ type: 'files', requestId, files: [], nextCursor: undefined }),
  });
  const listed = new Promise((resolve) => client.once('registered', () => resolve(client.files())));
  await register(client);
  expect(await listed).toEqual([]);
  const types = server.peer.received.map((message) => message.type);
  expect(types).toEqual(['hello', 'register', 'list-users', 'list-files']);
});

describe('a connection that cannot be made says why', () => {
  test('when nobody listens', async () => {
    const spare = createServer().listen(0, '127.0.0.1');
    await once(spare, 'listening');
    const { port } = spare.address() as { port: number };
    await new Promise((resolve) => spare.close(resolve));
    const client = clientOf(port);
    await expect(client.connect()).rejects.toThrow(`nobody listens at 127.0.0.1:${port}`);
    expect(client.end).toMatchObject({ kind: 'connect-failed', code: 'ECONNREFUSED' });
  });

  // CHAT-FRAME-6
  test('when something else than Parley answers', async () => {
    const web = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(
      0,
      '127.0.0.1',
    );
    await once(web, 'listening');
    cleanups.push(() => web.close());
    const client = clientOf((web.address() as { port: number }).port);
    await expect(client.connect()).rejects.toThrow('does not speak the Parley protocol');
    expect(client.end?.kind).toBe('protocol-violation');
  });

  test('when the server says goodbye at once', async () => {
    const { client } = await setUp({
      hello: (_, peer) => {
        peer.send({
          type: 'goodbye',
          code: 'server-full',
          message: 'no room left',
          reconnectAfterMs: 30_000,
        });
        peer.socket.end();
      },
    });
    await expect(client.connect()).rejects.toMatchObject({
      code: 'session-ended',
      end: { kind: 'goodbye', code: 'server-full', reconnectAfterMs: 30_000 },
    });
  });
});

test('a connection that is cut fails what was pending, and says why', async () => {
  const { server, client } = await setUp({ say: (_, peer) => peer.socket.resetAndDestroy() });
  await register(client);
  const closed = once(client, 'closed');
  await expect(client.say('hello?')).rejects.toMatchObject({ code: 'connection-ended' });
  expect((await closed)[0]).toMatchObject({ end: { kind: 'connection-lost' } });
  await expect(client.say('again')).rejects.toMatchObject({ code: 'wrong-state' });
  await server.peer.closed;
});

test('a server that closes without a goodbye is a lost connection', async () => {
  const { server, client } = await setUp();
  await register(client);
  server.peer.socket.end();
  expect(await client.closed).toEqual({
    kind: 'connection-lost',
    message: 'the server closed it without a goodbye',
  });
});

describe('downloads', () => {
  const withFile: Script = {
    'request-transfer': ({ requestId, name }, peer) => {
      if (name !== 'notes.txt') {
        peer.send({
          type: 'failed',
          requestId,
          code: 'file-not-found',
          message: `no ${name}`,
          retryAfterMs: undefined,
        });
        return;
      }
      peer.send({
        type: 'transfer-offer',
        requestId,
        transferId: 9 as never,
        ticket: new Uint8Array(32).fill(1) as never,
        ticketLifetimeMs: 30_000,
        udpPort: 4_000,
        name: name as never,
        size: 10,
        modifiedAt: 1,
        digests: {
          sha256: new Uint8Array(32).fill(2) as never,
          chunkRoot: new Uint8Array(32).fill(3) as never,
        },
      });
    },
  };

  /** The next snapshot of a transfer in that state. */
  function reached(client: ParleyClient, state: Transfer['state']): Promise<Transfer> {
    return new Promise((resolve) => {
      client.on('transfer-changed', ({ transfer }) => {
        if (transfer.state === state) resolve(transfer);
      });
    });
  }

  // CHAT-TRANSFER-3
  test('go to the host that the control connection reached, with the offer’s port and ticket', async () => {
    const { client, host, server } = await setUp(withFile);
    await register(client);
    const connecting = reached(client, 'connecting');
    const { finished } = await client.download('notes.txt');
    await connecting;
    expect(host.downloads[0]?.task).toEqual({
      targetPath: join(folder, 'notes.txt'),
      isFolder: false,
    });
    expect(host.downloads[0]?.offers[0]).toEqual({
      transferId: 9,
      host: '127.0.0.1',
      udpPort: 4_000,
      tcpPort: server.port,
      ticket: new Uint8Array(32).fill(1),
      size: 10,
      modifiedAt: 1,
      digests: { sha256: new Uint8Array(32).fill(2), chunkRoot: new Uint8Array(32).fill(3) },
    });
    host.downloads[0]?.report({ phase: 'receiving', receivedBytes: 5, size: 10, bytesPerSecond: 3 });
    expect(client.transfers[0]).toMatchObject({ state: 'running', receivedBytes: 5 });
    await client.pauseTransfer(1);
    await client.resumeTransfer(1);
    expect(host.downloads[0]?.calls).toEqual(['pause', 'resume']);
    host.downloads[0]?.end({ kind: 'completed', path: join(folder, 'notes.txt'), size: 10, durationMs: 4 });
    expect(await finished).toMatchObject({ state: 'completed', durationMs: 4 });
  });

  // CHAT-TRANSFER-3
  test('go to the address that was reached, also when the name of the host has several', async () => {
    const { server, host } = await setUp(withFile);
    const client = clientOf(server.port, host, 'localhost');
    await register(client);
    const connecting = reached(client, 'connecting');
    await client.download('notes.txt');
    await connecting;
    expect(host.downloads[0]?.offers[0]?.host).toBe('127.0.0.1');
  });

  test('of a name that does not exist end with the words of the server', async () => {
    const { client } = await setUp(withFile);
    await register(client);
    const { finished } = await client.download('nothing');
    expect(await finished).toMatchObject({
      state: 'failed',
      failure: { code: 'file-not-found', message: 'no nothing' },
    });
  });

  test('are numbered in the order in which they were asked for', async () => {
    const { client } = await setUp(withFile);
    await register(client);
    const names = Array.from({ length: 20 }, (_, index) => `file-${index}`);
    // The deeper the folder, the longer the disk takes.
    const queued = await Promise.all(
      names.map((name, index) =>
        client.download(name, index % 2 === 0 ? `${'./'.repeat(200)}${name}` : undefined),
      ),
    );
    expect(queued.map(({ transfer }) => [transfer.number, transfer.name])).toEqual(
      names.map((name, index) => [index + 1, name]),
    );
  });

  test('do not begin when the target exists', async () => {
    const { server, client } = await setUp(withFile);
    await writeFile(join(folder, 'notes.txt'), 'mine');
    await register(client);
    await expect(client.download('notes.txt')).rejects.toMatchObject({ code: 'target-exists' });
    expect(server.peer.received.map((message) => message.type)).not.toContain('request-transfer');
  });

  test('that run are stopped by leaving, and the host is closed before leaving is done', async () => {
    const { client, host } = await setUp(withFile);
    await register(client);
    const connecting = reached(client, 'connecting');
    const { finished } = await client.download('notes.txt');
    await connecting;
    await client.leave();
    expect(host.isClosed).toBe(true);
    expect(await finished).toMatchObject({ state: 'stopped' });
  });
});

test('connects once: a second time is refused, and changes nothing', async () => {
  const { client } = await setUp();
  const connecting = client.connect();
  const refusal = { name: 'ClientError', code: 'wrong-state' };
  await expect(client.connect()).rejects.toMatchObject(refusal);
  expect(await connecting).toMatchObject({ name: 'fake' });
  await client.leave();
  await expect(client.connect()).rejects.toMatchObject(refusal);
});

test('leaving before the connection is there ends it quietly', async () => {
  const { server, client } = await setUp();
  const connecting = client.connect();
  const refused = expect(connecting).rejects.toMatchObject({ end: { kind: 'left' } });
  await client.leave();
  await refused;
  // The server still takes new clients.
  const probe = connect(server.port, '127.0.0.1');
  await once(probe, 'connect');
  probe.destroy();
});
