// Whole uploads: the chat server, the worker that moves files, and the sending end of rudp, on 127.0.0.1.
import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ServerMessageOf, type Sha256, TRANSFER_OUTCOMES, type TransferOutcome } from '@parley/protocol';
import { connect, derivePreSharedKey, type RudpConnection } from '@parley/rudp';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createParleyServer, openWorkerTransferHost, type ParleyServer } from '../../src/index.ts';
import { ChunkHasher } from '../../src/node/hashing/chunk-hasher.ts';
import { SocketClient } from '../support/socket-client.ts';
import { until } from '../transfers/support.ts';

const resetCode = (outcome: TransferOutcome) => 0x100 + TRANSFER_OUTCOMES[outcome];

let folder = '';
let server: ParleyServer;
let ann: SocketClient;
const content = randomBytes(3_000_000);
const hasher = new ChunkHasher(content.byteLength);
hasher.update(content);
const { chunkRoot, chunkHashes } = hasher.digest();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-uploads-'));
  const transferHost = await openWorkerTransferHost({ host: '127.0.0.1', port: 0 });
  server = createParleyServer({
    host: '127.0.0.1',
    port: 0,
    limits: { presenceIntervalMs: 0 },
    files: { folder, transferHost, uploads: 'all' },
  });
  ann = await SocketClient.user((await server.start()).port, 'ann');
});

afterEach(async () => {
  await server.stop();
  expect(server.statistics()).toMatchObject({ sessions: 0, transfers: 0 });
  await rm(folder, { recursive: true, force: true });
});

function ask(name: string, room?: string): void {
  const size = content.byteLength;
  ann.send({ type: 'request-upload', requestId: 2, name, size, chunkRoot: chunkRoot as Sha256, room });
}

async function request(name: string): Promise<ServerMessageOf<'upload-offer'>> {
  ask(name);
  return ann.next('upload-offer');
}

/** What is there, but for the list of who uploaded it. */
const namesIn = async (path: string) =>
  (await readdir(path)).filter((name) => name !== '.parley-uploads.jsonl');

function go({ ticket, udpPort }: ServerMessageOf<'upload-offer'>): RudpConnection {
  const connection = connect({ host: '127.0.0.1', port: udpPort, preSharedKey: derivePreSharedKey(ticket) });
  // A test that does not wait for its end cuts it off when the server stops.
  connection.on('error', () => undefined);
  return connection;
}

const failure = (connection: RudpConnection) =>
  new Promise<unknown>((resolve) => connection.once('error', resolve));

// CHAT-UPLOAD-3, CHAT-UPLOAD-4, CHAT-TRANSFER-5
test('what a client sends can be fetched when the server says that it is there', async () => {
  const offer = await request('new.bin');
  const connection = go(offer);
  const confirmed = new Promise((resolve) => connection.once('end', resolve));
  connection.resume();
  connection.write(chunkHashes);
  connection.end(content);
  await confirmed;
  expect((await readFile(join(folder, 'new.bin'))).equals(content)).toBe(true);
  expect(await ann.next('transfer-ended')).toMatchObject({
    transferId: offer.transferId,
    outcome: 'completed',
    bytesSent: content.byteLength,
  });
  expect(await namesIn(folder)).toEqual(['new.bin']);
  ann.requestTransfer('new.bin', { requestId: 3 });
  const back = await ann.next('transfer-offer');
  expect(Buffer.from(back.digests?.chunkRoot ?? []).equals(chunkRoot)).toBe(true);
});

// CHAT-UPLOAD-3, CHAT-TRANSFER-9
test('a client that lies about its bytes is told so, and leaves nothing', async () => {
  const connection = go(await request('new.bin'));
  connection.resume();
  const failed = failure(connection);
  connection.write(chunkHashes);
  connection.write(Buffer.alloc(content.byteLength));
  expect(await failed).toMatchObject({ code: 'reset', resetCode: resetCode('content-mismatch') });
  expect(await ann.next('transfer-ended')).toMatchObject({ outcome: 'content-mismatch' });
  expect(await namesIn(folder)).toEqual([]);
});

// CHAT-UPLOAD-4, CHAT-TRANSFER-6
test('an upload that is cancelled in the middle leaves nothing, and its name is free again', async () => {
  const offer = await request('new.bin');
  const connection = go(offer);
  connection.resume();
  const failed = failure(connection);
  connection.write(chunkHashes);
  connection.write(content.subarray(0, 1_000_000));
  ann.send({ type: 'cancel-transfer', requestId: 3, transferId: offer.transferId });
  expect(await ann.next('transfer-ended')).toMatchObject({ outcome: 'cancelled' });
  await failed;
  expect(await namesIn(folder)).toEqual([]);
  await request('new.bin');
});

// CHAT-UPLOAD-4
test('a file that came in between is not replaced', async () => {
  const connection = go(await request('new.bin'));
  connection.resume();
  const failed = failure(connection);
  connection.write(chunkHashes);
  await writeFile(join(folder, 'new.bin'), 'mine');
  connection.end(content);
  expect(await failed).toMatchObject({ code: 'reset', resetCode: resetCode('file-exists') });
  expect(await ann.next('transfer-ended')).toMatchObject({ outcome: 'file-exists' });
  expect(await namesIn(folder)).toEqual(['new.bin']);
  expect(await readFile(join(folder, 'new.bin'), 'utf8')).toBe('mine');
});

// CHAT-UPLOAD-1
test('a name that is taken is refused with words', async () => {
  await writeFile(join(folder, 'new.bin'), 'mine');
  ask('NEW.bin');
  expect(await ann.next('failed')).toMatchObject({ requestId: 2, code: 'file-exists' });
});

// CHAT-UPLOAD-5, CHAT-TRANSFER-9
test('an upload that broke goes on behind the chunks that are here', async () => {
  const broken = go(await request('new.bin'));
  broken.resume();
  broken.write(chunkHashes);
  broken.write(content.subarray(0, 1_000_000));
  broken.on('error', () => undefined);
  await until(() => broken.acknowledgedBytes === chunkHashes.byteLength + 1_000_000);
  broken.reset(resetCode('connection-lost'), 'for now');
  expect(await ann.next('transfer-ended')).toMatchObject({ outcome: 'connection-lost' });
  const offer = await request('new.bin');
  expect(offer.start).toBe(3 * 262_144);
  const connection = go(offer);
  connection.resume();
  connection.write(chunkHashes);
  connection.end(content.subarray(offer.start));
  expect(await ann.next('transfer-ended')).toMatchObject({ outcome: 'completed' });
  expect((await readFile(join(folder, 'new.bin'))).equals(content)).toBe(true);
  expect(await namesIn(folder)).toEqual(['new.bin']);
});

// CHAT-UPLOAD-5
test('who asks again for the same upload takes the place of the first attempt', async () => {
  const first = await request('new.bin');
  const again = await request('new.bin');
  expect(await ann.next('transfer-ended')).toMatchObject({
    transferId: first.transferId,
    outcome: 'connection-lost',
  });
  const connection = go(again);
  connection.resume();
  connection.write(chunkHashes);
  connection.end(content);
  expect(await ann.next('transfer-ended')).toMatchObject({
    transferId: again.transferId,
    outcome: 'completed',
  });
});

// CHAT-UPLOAD-6
test('the room is told of what was uploaded', async () => {
  ask('a b.bin', 'lobby');
  const connection = go(await ann.next('upload-offer'));
  connection.resume();
  connection.write(chunkHashes);
  connection.end(content);
  expect(await ann.next('message')).toMatchObject({ room: 'lobby', text: 'file:"a b.bin" (3000000 bytes)' });
});
