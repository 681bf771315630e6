// From a request on a socket to the transfer host and back, with a host that moves nothing.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import os, { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FilePath, Sha256 } from '@parley/protocol';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { createParleyServer, type ParleyServer, type TransferFailure } from '../../src/index.ts';
import type { FolderOffer } from '../../src/transfers/transfer-host.ts';
import { FakeTransferHost } from '../support/fake-transfer-host.ts';
import { SocketClient } from '../support/socket-client.ts';

let folder = '';
let host: FakeTransferHost;
let server: ParleyServer;
let port = 0;
let faults: unknown[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-desk-'));
  await writeFile(join(folder, 'hello.txt'), 'hello');
  await mkdir(join(folder, 'sub'));
  host = new FakeTransferHost();
  server = createParleyServer({
    host: '127.0.0.1',
    port: 0,
    limits: { presenceIntervalMs: 0 },
    files: { folder, transferHost: host, uploads: 'all' },
  });
  faults = [];
  server.on('fault', (error) => faults.push(error));
  ({ port } = await server.start());
});

afterEach(async () => {
  await server.stop();
  expect(host.isClosed).toBe(true);
  expect(server.statistics()).toMatchObject({ connections: 0, sessions: 0, transfers: 0, hashing: 0 });
  await rm(folder, { recursive: true, force: true });
});

// CHAT-LIST-2
test('the files of the folder are listed to anybody', async () => {
  const client = new SocketClient(port);
  client.send({ type: 'hello', versionMin: 1, versionMax: 1, agent: '' });
  client.send({ type: 'list-files', requestId: 1, cursor: undefined, limit: 0, pattern: '', order: 'name' });
  expect(await client.next('files')).toMatchObject({ requestId: 1, files: [{ name: 'hello.txt', size: 5 }] });
  client.send({ type: 'list-files', requestId: 2, cursor: '..', limit: 0, pattern: '', order: 'name' });
  expect(await client.next('failed')).toMatchObject({ requestId: 2, code: 'cursor-invalid' });
  client.socket.destroy();
});

// CHAT-TRANSFER-1, CHAT-TRANSFER-2, CHAT-TRANSFER-3, CHAT-TRANSFER-4, CHAT-TRANSFER-5
test('a transfer is offered with everything that both ends need, and its end is told', async () => {
  const ann = await SocketClient.user(port, 'ann');
  const ranges = [{ start: 2, end: 5 }];
  ann.requestTransfer('hello.txt', { ranges });
  const offer = await ann.next('transfer-offer');
  expect(offer).toMatchObject({
    requestId: 2,
    name: 'hello.txt',
    size: 5,
    udpPort: 40_000,
    ticketLifetimeMs: 30_000,
  });
  expect(Buffer.from(offer.digests?.sha256 ?? [])).toEqual(createHash('sha256').update('hello').digest());
  const chunkHashes = new Uint8Array(createHash('sha256').update('hello').digest());
  expect(Buffer.from(offer.digests?.chunkRoot ?? [])).toEqual(
    createHash('sha256')
      .update(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 5))
      .update(chunkHashes)
      .digest(),
  );
  const { transferId, ticket, modifiedAt } = offer;
  expect(host.offers).toEqual([
    {
      transferId,
      ticket,
      ticketLifetimeMs: 30_000,
      user: expect.any(String),
      path: join(folder, 'hello.txt'),
      size: 5,
      modifiedAt,
      chunkHashes,
      ranges,
      name: 'hello.txt',
      nickname: 'ann',
    },
  ]);
  host.start(transferId);
  host.complete(transferId);
  expect(await ann.next('transfer-ended')).toEqual({
    type: 'transfer-ended',
    transferId,
    outcome: 'completed',
    message: '',
    bytesSent: 3,
  });
});

describe('a client that has digests', () => {
  const ranges = [{ start: 1, end: 2 }];
  const list = createHash('sha256').update('hello').digest();
  const root = createHash('sha256')
    .update(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 5))
    .update(list)
    .digest();

  // CHAT-CHUNK-3, CHAT-CHUNK-5
  test('gets the parts that it lacks and no list, when they are those of the file', async () => {
    const ann = await SocketClient.user(port, 'ann');
    ann.requestTransfer('hello.txt', { chunkRoot: root as never, ranges });
    await ann.next('transfer-offer');
    expect(host.offers).toMatchObject([{ chunkHashes: new Uint8Array(0), ranges }]);
  });

  // CHAT-CHUNK-3
  test('gets the list alone when the file is another one, whatever parts it asks for', async () => {
    const ann = await SocketClient.user(port, 'ann');
    const chunkRoot = new Uint8Array(32) as never;
    const beyond = [{ start: 7, end: 9 }];
    ann.requestTransfer('hello.txt', { chunkRoot, ranges: beyond });
    expect(Buffer.from((await ann.next('transfer-offer')).digests?.chunkRoot ?? [])).toEqual(root);
    expect(host.offers).toMatchObject([{ chunkHashes: new Uint8Array(list), ranges: [] }]);
  });

  // CHAT-CHUNK-5
  test('gets the whole file when it names no parts, and is told when there are no such parts', async () => {
    const ann = await SocketClient.user(port, 'ann');
    ann.requestTransfer('hello.txt', { chunkRoot: root as never });
    await ann.next('transfer-offer');
    expect(host.offers).toMatchObject([{ ranges: [{ start: 0, end: 5 }] }]);
    ann.requestTransfer('hello.txt', {
      requestId: 3,
      chunkRoot: root as never,
      ranges: [{ start: 4, end: 6 }],
    });
    expect(await ann.next('failed')).toMatchObject({ requestId: 3, code: 'range-invalid' });
  });

  // CHAT-CHUNK-5
  test('may ask for no part at all', async () => {
    const ann = await SocketClient.user(port, 'ann');
    ann.requestTransfer('hello.txt', { chunkRoot: root as never, ranges: [] });
    await ann.next('transfer-offer');
    expect(host.offers).toMatchObject([{ chunkHashes: new Uint8Array(0), ranges: [] }]);
  });
});

// CHAT-CHUNK-6
test('digests that have turned out wrong are not offered again', async () => {
  const file = join(folder, 'hello.txt');
  const ann = await SocketClient.user(port, 'ann');
  const ask = (requestId: number, chunkRoot?: Sha256) =>
    ann.requestTransfer('hello.txt', { requestId, chunkRoot });
  await utimes(file, 1_000, 1_000);
  ask(2);
  const first = await ann.next('transfer-offer');
  // A change that leaves no trace in what the system says of the file.
  await writeFile(file, 'hallo');
  await utimes(file, 1_000, 1_000);
  ask(3, first.digests?.chunkRoot);
  const second = await ann.next('transfer-offer');
  expect(second.digests?.sha256).toEqual(first.digests?.sha256);
  expect(host.offers[1]?.comparedWith).toEqual(host.offers[0]?.chunkHashes);
  expect(host.offers[0]?.comparedWith).toBeUndefined();
  host.fail(first.transferId, 'connection-lost');
  host.fail(second.transferId, 'digest-wrong');
  await ann.next('transfer-ended');
  expect(await ann.next('transfer-ended')).toMatchObject({ outcome: 'file-changed' });
  ask(4, second.digests?.chunkRoot);
  const { digests } = await ann.next('transfer-offer');
  expect(Buffer.from(digests?.sha256 ?? [])).toEqual(createHash('sha256').update('hallo').digest());
});

// CHAT-FOLDER-4
test('files of a folder have to be what they were when they were read before; one that is not is read once more', async () => {
  await mkdir(join(folder, 'docs'));
  const path = join(folder, 'docs/a');
  await writeFile(path, 'before');
  await utimes(path, 1_000, 1_000);
  await writeFile(join(folder, 'docs/b'), 'unknown');
  const digestOf = (text: string) => new Uint8Array(createHash('sha256').update(text).digest());
  const ann = await SocketClient.user(port, 'ann');
  let requestId = 1;
  const offered = async (known?: Uint8Array) => {
    requestId += 1;
    ann.send({
      type: 'request-folder',
      requestId,
      name: 'docs' as FilePath,
      known: known as never,
      ranges: undefined,
      begun: undefined,
    });
    const offer = await ann.next('folder-offer');
    const { files } = host.offers.at(-1) as unknown as FolderOffer;
    return { ...offer, digests: files.map(({ sha256 }) => sha256) };
  };
  // Nothing is known, and nothing is read to find out.
  const first = await offered();
  expect(first.digests).toEqual([undefined, undefined]);
  host.fail(first.transferId, 'connection-lost');
  ann.requestTransfer('docs/a', { requestId: 100 });
  host.complete((await ann.next('transfer-offer')).transferId);
  const second = await offered();
  expect(second.digests).toEqual([digestOf('before'), undefined]);
  // Time, size and inode stay, and the bytes do not.
  await writeFile(path, 'behind');
  await utimes(path, 1_000, 1_000);
  host.differ(second.transferId, path);
  host.fail(second.transferId, 'connection-lost');
  expect((await offered(first.manifestRoot)).digests).toEqual([digestOf('behind'), undefined]);
});

// CHAT-TRANSFER-3
test('every ticket is another one', async () => {
  const ann = await SocketClient.user(port, 'ann');
  for (const requestId of [2, 3]) ann.requestTransfer('hello.txt', { requestId });
  const offers = await ann.count('transfer-offer', 2);
  expect(offers[0]?.ticket).not.toEqual(offers[1]?.ticket);
  expect(offers[0]?.transferId).not.toEqual(offers[1]?.transferId);
});

// CHAT-TRANSFER-5
test.each<[TransferFailure, string]>([
  ['cancelled-by-receiver', 'cancelled'],
  ['ticket-expired', 'ticket-expired'],
  ['connection-lost', 'connection-lost'],
  ['file-changed', 'file-changed'],
  ['file-unreadable', 'file-unreadable'],
  ['internal-error', 'internal-error'],
])('a transfer that fails with %s is told as %s', async (reason, outcome) => {
  const ann = await SocketClient.user(port, 'ann');
  ann.requestTransfer('hello.txt');
  const { transferId } = await ann.next('transfer-offer');
  host.fail(transferId, reason);
  expect(await ann.next('transfer-ended')).toMatchObject({
    transferId,
    outcome,
    message: expect.stringMatching(/\w/),
  });
});

// CHAT-TRANSFER-1
test.each([
  ['absent.txt', {}, 'file-not-found', 'no shared file is called absent.txt'],
  ['sub', {}, 'file-not-found', 'sub is a folder: sub/ is all that is in it'],
  [
    'hello.txt',
    { ranges: [{ start: 0, end: 6 }] },
    'range-invalid',
    'hello.txt: the range to 6 goes beyond the 5 bytes of the file',
  ],
  ['../hello.txt', {}, 'file-name-invalid', 'a file name does not begin with a dot'],
])('%s, %j is refused with %s', async (name, request, code, message) => {
  const ann = await SocketClient.user(port, 'ann');
  ann.requestTransfer(name, request);
  expect(await ann.next('failed')).toMatchObject({ requestId: 2, code, message });
  expect(host.offers).toEqual([]);
  expect(faults).toEqual([]);
});

// CHAT-TRANSFER-1
test('an offer that the host cannot take is refused, without telling the client why', async () => {
  host.offerError = new Error(`no room for ${folder}`);
  const ann = await SocketClient.user(port, 'ann');
  ann.requestTransfer('hello.txt');
  expect(await ann.next('failed')).toMatchObject({
    code: 'file-unreadable',
    message: 'hello.txt cannot be sent now',
  });
  expect(faults).toEqual([host.offerError]);
});

// CHAT-TRANSFER-6
test('a transfer is cancelled on request', async () => {
  const ann = await SocketClient.user(port, 'ann');
  ann.requestTransfer('hello.txt');
  const { transferId } = await ann.next('transfer-offer');
  ann.send({ type: 'cancel-transfer', requestId: 3, transferId });
  expect(await ann.next('done')).toEqual({ type: 'done', requestId: 3 });
  expect(await ann.next('transfer-ended')).toMatchObject({ outcome: 'cancelled' });
  expect(host.open.size).toBe(0);
});

// CHAT-TRANSFER-7
test('a client that is killed leaves no transfer behind, neither a running nor a hashing one', async () => {
  const ann = await SocketClient.user(port, 'ann');
  const bob = await SocketClient.user(port, 'bob');
  bob.requestTransfer('hello.txt');
  const { transferId } = await bob.next('transfer-offer');
  host.start(transferId);
  // A terabyte of nothing keeps the hasher busy.
  await writeFile(join(folder, 'endless'), '');
  await truncate(join(folder, 'endless'), 2 ** 40);
  // Who wants the digests alone waits for them.
  bob.requestTransfer('endless', { requestId: 3, ranges: [] });
  bob.send({ type: 'ping', nonce: 1 });
  await bob.next('pong');
  const refused = new Promise<void>((resolve) => {
    server.on('note', (note) => {
      if (note.name === 'transfer-refused') resolve();
    });
  });
  bob.socket.resetAndDestroy();
  expect(await ann.nextDeparture()).toMatchObject({ nickname: 'bob', cause: 'connection-lost' });
  await refused;
  expect(host.open.size).toBe(0);
  expect(server.statistics()).toMatchObject({ sessions: 1, transfers: 0, pendingRequests: 0, hashing: 0 });
});

// CHAT-UPLOAD-5
test('an attempt that the host does not know of yet makes room for the next one too', async () => {
  let onLooked = () => {};
  host.looked = new Promise((resolve) => {
    onLooked = resolve;
  });
  const ann = await SocketClient.user(port, 'ann');
  const chunkRoot = new Uint8Array(32) as Sha256;
  const asked = new Promise<void>((resolve) => {
    host.onCancel = () => resolve();
  });
  for (const requestId of [2, 3])
    ann.send({ type: 'request-upload', requestId, name: 'new.bin', size: 5, chunkRoot, room: undefined });
  await asked;
  onLooked();
  const offers = await ann.count('upload-offer', 2);
  expect(await ann.next('transfer-ended')).toMatchObject({ transferId: offers[0]?.transferId });
  expect(host.awaited).toEqual(new Set([offers[1]?.transferId]));
});

// CHAT-TRANSFER-7
test('an upload whose client goes before the host knows of it is ended as soon as it does', async () => {
  let onLooked = () => {};
  host.looked = new Promise((resolve) => {
    onLooked = resolve;
  });
  const ann = await SocketClient.user(port, 'ann');
  const bob = await SocketClient.user(port, 'bob');
  const chunkRoot = new Uint8Array(32) as Sha256;
  const cancelled = () =>
    new Promise<void>((resolve) => {
      host.onCancel = () => resolve();
    });
  const early = cancelled();
  bob.send({ type: 'request-upload', requestId: 2, name: 'new.bin', size: 5, chunkRoot, room: undefined });
  bob.send({ type: 'ping', nonce: 1 });
  await bob.next('pong');
  bob.socket.resetAndDestroy();
  expect(await ann.nextDeparture()).toMatchObject({ nickname: 'bob' });
  await early;
  const late = cancelled();
  onLooked();
  await late;
  expect(host.awaited).toEqual(new Set());
});

// CHAT-SEND-3
test('what nobody fetched is removed after a week, also when nobody uploads', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const uptime = vi.spyOn(os, 'uptime').mockReturnValue(0);
  syncBuiltinESMExports();
  onTestFinished(() => {
    vi.useRealTimers();
    uptime.mockRestore();
    syncBuiltinESMExports();
  });
  const files = { folder, transferHost: new FakeTransferHost(), uploads: 'all' } as const;
  const other = createParleyServer({ host: '127.0.0.1', port: 0, files });
  await other.start();
  const path = (digit: string) => join(folder, '.parley-sent', digit.repeat(32));
  await mkdir(join(folder, '.parley-sent'));
  for (const [digit, age] of [
    ['0', 604_900],
    ['1', 604_000],
  ] as const) {
    await writeFile(path(digit), 'x');
    await utimes(path(digit), Date.now() / 1_000 - age, Date.now() / 1_000 - age);
  }
  uptime.mockReturnValue(43_200);
  vi.advanceTimersByTime(3_600_000);
  while (existsSync(path('0'))) await new Promise(setImmediate);
  expect(existsSync(path('1'))).toBe(true);
  await other.stop();
  expect(vi.getTimerCount()).toBe(0);
});

// CHAT-UPLOAD-7, CHAT-SEND-2
test('a file is told of when the list of uploads has it: a server that is killed then knows whose it is', async () => {
  const ann = await SocketClient.user(port, 'ann');
  const chunkRoot = new Uint8Array(32) as Sha256;
  ann.send({ type: 'request-upload', requestId: 2, name: 'new.bin', size: 5, chunkRoot, room: undefined });
  const { transferId } = await ann.next('upload-offer');
  await writeFile(join(folder, 'new.bin'), '12345');
  host.start(transferId);
  host.complete(transferId);
  await ann.next('transfer-ended');
  const list = readFileSync(join(folder, '.parley-uploads.jsonl'), 'utf8');
  expect(list).toContain('"name":"new.bin","size":5');
});

// CHAT-UPLOAD-8, CHAT-UPLOAD-6, CHAT-UPLOAD-7
test('a file of which the sender was told, and the server that was killed then was not, is announced by the next one', async () => {
  const ann = await SocketClient.user(port, 'ann');
  const chunkRoot = new Uint8Array(32) as Sha256;
  ann.send({ type: 'request-upload', requestId: 2, name: 'new.bin', size: 5, chunkRoot, room: 'lobby' });
  await ann.next('upload-offer');
  // The thread that takes files has given it its name, and the sender has read FIN.
  await writeFile(join(folder, 'new.bin'), '12345');
  const list = () => readFileSync(join(folder, '.parley-uploads.jsonl'), 'utf8').trim().split('\n');
  expect(list().at(-1)).toContain('"name":"new.bin","size":5');
  const sequenceAtNext = async () => {
    const files = { folder, transferHost: new FakeTransferHost(), uploads: 'all' } as const;
    const next = createParleyServer({ host: '127.0.0.1', port: 0, files });
    const { port: nextPort } = await next.start();
    while (list().at(-1)?.includes('isUnsettled') === true) await new Promise(setImmediate);
    const bob = await SocketClient.user(nextPort, 'bob');
    bob.send({ type: 'list-rooms', requestId: 3, cursor: undefined, limit: 0 });
    const { rooms } = await bob.next('rooms');
    bob.socket.destroy();
    await next.stop();
    return rooms[0]?.sequence;
  };
  expect(await sequenceAtNext()).toBe(1);
  expect(await sequenceAtNext()).toBe(0);
});

test('stopping ends transfers and closes the host', async () => {
  const ann = await SocketClient.user(port, 'ann');
  ann.requestTransfer('hello.txt');
  await ann.next('transfer-offer');
  await server.stop();
  expect(host.open.size).toBe(0);
});

test('a shared folder that goes away is told as such, and the server goes on', async () => {
  const ann = await SocketClient.user(port, 'ann');
  await rm(folder, { recursive: true });
  ann.send({ type: 'list-files', requestId: 2, cursor: undefined, limit: 0, pattern: '', order: 'name' });
  expect(await ann.next('failed')).toMatchObject({
    code: 'internal-error',
    message: 'the shared folder cannot be read now',
  });
  expect(faults).toEqual([expect.objectContaining({ code: 'ENOENT' })]);
});

test('the advertised port replaces that of the host', async () => {
  const other = createParleyServer({
    host: '127.0.0.1',
    port: 0,
    files: { folder, transferHost: new FakeTransferHost(), udpPortAdvertised: 9 },
  });
  const ann = await SocketClient.user((await other.start()).port, 'ann');
  ann.requestTransfer('hello.txt');
  expect((await ann.next('transfer-offer')).udpPort).toBe(9);
  await other.stop();
});

test('a relative folder is refused', () => {
  const files = { folder: 'share', transferHost: new FakeTransferHost() };
  expect(() => createParleyServer({ host: '127.0.0.1', port: 0, files })).toThrow(
    'expected an absolute path',
  );
});
