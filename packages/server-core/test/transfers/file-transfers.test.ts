// Whole transfers: the chat server, the worker that moves files, and the receiving end of rudp, on 127.0.0.1.
import { randomBytes } from 'node:crypto';
import { appendFile, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import {
  chunkCountOf,
  type ServerMessageOf,
  TRANSFER_OUTCOMES,
  type TransferOutcome,
} from '@parley/protocol';
import { connect, derivePreSharedKey, type RudpConnection } from '@parley/rudp';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createParleyServer, openWorkerTransferHost, type ParleyServer } from '../../src/index.ts';
import { SocketClient } from '../support/socket-client.ts';

const resetCode = (outcome: TransferOutcome) => 0x100 + TRANSFER_OUTCOMES[outcome];

let folder = '';
let server: ParleyServer;
let ann: SocketClient;
const content = randomBytes(3_000_000);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-transfers-'));
  await writeFile(join(folder, 'a.bin'), content);
  const transferHost = await openWorkerTransferHost({ host: '127.0.0.1', port: 0 });
  server = createParleyServer({
    host: '127.0.0.1',
    port: 0,
    limits: { presenceIntervalMs: 0 },
    files: { folder, transferHost },
  });
  ann = await SocketClient.user((await server.start()).port, 'ann');
});

afterEach(async () => {
  await server.stop();
  expect(server.statistics()).toMatchObject({ sessions: 0, transfers: 0 });
  await rm(folder, { recursive: true, force: true });
});

/** Asks for the bytes from `start` on. */
async function request(name: string, start = 0): Promise<ServerMessageOf<'transfer-offer'>> {
  const ranges = start < content.length ? [{ start, end: content.length }] : [];
  ann.requestTransfer(name, { ranges });
  return ann.next('transfer-offer');
}

function receive({ ticket, udpPort }: ServerMessageOf<'transfer-offer'>): RudpConnection {
  return connect({ host: '127.0.0.1', port: udpPort, preSharedKey: derivePreSharedKey(ticket) });
}

/** How a connection fails. */
function failure(connection: RudpConnection): Promise<unknown> {
  return new Promise((resolve) => connection.once('error', resolve));
}

// CHAT-TRANSFER-3, CHAT-TRANSFER-4, CHAT-TRANSFER-5
test.each([0, 1, 2_999_999, 3_000_000])('sends the bytes from %i on, then FIN', async (offset) => {
  const offer = await request('a.bin', offset);
  const connection = receive(offer);
  connection.end();
  const listBytes = 32 * chunkCountOf(content.length);
  expect((await buffer(connection)).subarray(listBytes).equals(content.subarray(offset))).toBe(true);
  expect(await ann.next('transfer-ended')).toMatchObject({
    transferId: offer.transferId,
    outcome: 'completed',
    bytesSent: content.length - offset,
  });
});

// CHAT-TRANSFER-3
test('a ticket opens one connection, and a made-up one none', async () => {
  const offer = await request('a.bin');
  const connection = receive(offer);
  connection.end();
  await buffer(connection);
  await ann.next('transfer-ended');
  for (const ticket of [offer.ticket, randomBytes(32)]) {
    const other = receive({ ...offer, ticket: ticket as typeof offer.ticket });
    expect(await failure(other)).toMatchObject({ code: 'refused' });
  }
});

// CHAT-TRANSFER-6, CHAT-TRANSFER-9
test('a cancelled transfer is reset with the code of its outcome', async () => {
  const offer = await request('a.bin');
  const connection = receive(offer);
  const failed = failure(connection);
  connection.once('data', () => {
    connection.pause();
    ann.send({ type: 'cancel-transfer', requestId: 3, transferId: offer.transferId });
  });
  expect(await failed).toMatchObject({ code: 'reset', resetCode: resetCode('cancelled') });
  expect(await ann.next('transfer-ended')).toMatchObject({ outcome: 'cancelled' });
});

// CHAT-TRANSFER-9
test('a reset by the receiver ends the transfer as cancelled', async () => {
  const offer = await request('a.bin');
  const connection = receive(offer);
  connection.once('data', () => connection.reset(resetCode('cancelled'), 'enough'));
  expect(await ann.next('transfer-ended')).toMatchObject({ outcome: 'cancelled' });
});

// CHAT-TRANSFER-9, CHAT-TRANSFER-10
test.each<[string, (path: string) => Promise<void>]>([
  ['grew', (path) => appendFile(path, 'x')],
  ['was written to', (path) => utimes(path, 1, 1)],
])('a file that %s since it was offered is not sent', async (_name, change) => {
  const offer = await request('a.bin');
  await change(join(folder, 'a.bin'));
  expect(await failure(receive(offer))).toMatchObject({
    code: 'reset',
    resetCode: resetCode('file-changed'),
  });
  expect(await ann.next('transfer-ended')).toMatchObject({ outcome: 'file-changed' });
});

// CHAT-TRANSFER-10
test('a file that changes while it is sent ends without FIN', async () => {
  const offer = await request('a.bin');
  const connection = receive(offer);
  const failed = failure(connection);
  connection.once('data', async () => {
    connection.pause();
    await utimes(join(folder, 'a.bin'), 1, 1);
    connection.resume();
  });
  let isFinished = false;
  connection.once('end', () => {
    isFinished = true;
  });
  expect(await failed).toMatchObject({ code: 'reset', resetCode: resetCode('file-changed') });
  expect(isFinished).toBe(false);
  expect(await ann.next('transfer-ended')).toMatchObject({ outcome: 'file-changed' });
});

// CHAT-TRANSFER-7, CHAT-TRANSFER-9
test('stopping the server resets what is running', async () => {
  const connection = receive(await request('a.bin'));
  const failed = failure(connection);
  connection.once('data', () => {
    connection.pause();
    void server.stop();
  });
  expect(await failed).toMatchObject({ code: 'reset' });
});
