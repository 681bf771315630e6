// Transfers at the chat port, on real sockets of 127.0.0.1. Everything waits for events, nothing for time.
import { mkdtempSync, rmSync } from 'node:fs';
import { connect as connectTcp, createServer, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectTls, derivePreSharedKey, type TlsConnection } from '@parley/rudp';
import { afterEach, expect, onTestFinished, test } from 'vitest';
import { DEFAULT_DOOR_LIMITS, Door } from '../../src/domain/sessions/door.ts';
import { createParleyServer, createSelfSignedIdentity, type ParleyServer } from '../../src/index.ts';
import { openTransferEngine } from '../../src/node/transfers/transfer-engine.ts';
import { TransferEntrance } from '../../src/node/transfers/transfer-entrance.ts';
import { SocketClient } from '../support/socket-client.ts';
import { TlsClient } from '../support/tls-client.ts';
import { EventLog, makeOffer, patternBytes } from './support.ts';

const identity = createSelfSignedIdentity(new Date('2026-11-28T10:00:00Z'));
let server: ParleyServer;

async function start(isSecure: boolean) {
  const folder = mkdtempSync(join(tmpdir(), 'parley-tls-transfers-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const engine = await openTransferEngine({ host: '127.0.0.1', port: 0 });
  const files = { folder, transferHost: engine };
  server = createParleyServer({ host: '127.0.0.1', port: 0, files, ...(isSecure ? { tls: identity } : {}) });
  server.on('fault', (error) => {
    throw error;
  });
  const { port } = await server.start();
  // The server listens to the host's events, and so does this test.
  return { engine, events: new EventLog(engine), port };
}

afterEach(async () => {
  await server.stop();
  expect(server.statistics()).toMatchObject({ connections: 0, sessions: 0 });
});

function present(port: number, ticket: Uint8Array): TlsConnection {
  const connection = connectTls({ host: '127.0.0.1', port, preSharedKey: derivePreSharedKey(ticket) });
  connection.on('error', () => undefined);
  onTestFinished(() => void connection.destroy());
  return connection;
}

async function readAll(connection: TlsConnection): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of connection.iterator({ destroyOnReturn: false })) pieces.push(piece);
  return Buffer.concat(pieces);
}

// CHAT-TCP-1, CHAT-TCP-2, CHAT-TRANSFER-4
test.each([
  ['with TLS', true],
  ['that speaks plain TCP', false],
])('a server %s sends a file at its chat port, and goes on to chat there', async (_, isSecure) => {
  const { engine, events, port } = await start(isSecure);
  const bytes = patternBytes(5_000_000);
  const offer = makeOffer(bytes);
  await engine.offer(offer);
  const connection = present(port, offer.ticket);
  expect((await readAll(connection)).equals(bytes)).toBe(true);
  connection.end();
  expect(await events.of(offer, 'completed')).toMatchObject({ bytesSent: bytes.byteLength });
  const client = isSecure ? new TlsClient(port) : new SocketClient(port);
  client.send({ type: 'hello', versionMin: 1, versionMax: 1, agent: 'test/1' });
  expect(await client.next('hello-ok')).toMatchObject({ version: 1 });
  client.socket.destroy();
});

// CHAT-TCP-3, CHAT-TRANSFER-3
test('a ticket that nobody gave is refused, and so is one that was used', async () => {
  const { engine, port } = await start(true);
  const offer = makeOffer(patternBytes(1_000));
  await engine.offer(offer);
  const first = present(port, offer.ticket);
  await readAll(first);
  for (const ticket of [offer.ticket, new Uint8Array(32)]) {
    const error = await new Promise((resolve) => present(port, ticket).once('error', resolve));
    expect(error).toMatchObject({ code: 'refused' });
  }
});

// CHAT-TRANSFER-6, CHAT-TRANSFER-9
test('a transfer that is cancelled is reset with its reason', async () => {
  const { engine, port } = await start(true);
  const offer = makeOffer(patternBytes(50_000_000));
  await engine.offer(offer);
  const connection = present(port, offer.ticket);
  const failed = new Promise((resolve) => connection.once('error', resolve));
  connection.once('data', () => engine.cancel(offer.transferId, { isKept: false }));
  expect(await failed).toMatchObject({ code: 'reset', resetCode: 0x102 });
});

// CHAT-TRANSFER-9
test('a client that resets ends the transfer', async () => {
  const { engine, events, port } = await start(true);
  const offer = makeOffer(patternBytes(50_000_000));
  await engine.offer(offer);
  const connection = present(port, offer.ticket);
  connection.once('data', () => connection.reset(0x102));
  expect(await events.of(offer, 'failed')).toMatchObject({ reason: 'cancelled-by-receiver' });
});

// CHAT-TLS-3
test('a plain server still turns away those who speak TLS for anything else', async () => {
  const { port } = await start(false);
  const client = new TlsClient(port);
  await expect(client.secured()).rejects.toThrow();
  expect(server.statistics().counters.protocolViolations).toBe(1);
});

// CHAT-TCP-1
test.each([true, false])('a hello may come byte by byte (TLS: %s)', async (isSecure) => {
  const { engine, port } = await start(isSecure);
  const offer = makeOffer(patternBytes(1_000));
  await engine.offer(offer);
  const slow = createServer((outside) => {
    const inside = connectTcp({ host: '127.0.0.1', port, noDelay: true });
    inside
      .on('error', () => {})
      .pipe(outside)
      .on('error', () => {});
    outside.on('data', (piece: Buffer) => {
      for (const byte of piece) inside.write(Uint8Array.of(byte));
    });
  });
  await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void slow.close());
  const connection = present((slow.address() as { port: number }).port, offer.ticket);
  expect((await readAll(connection)).byteLength).toBe(1_000);
});

// CHAT-TCP-5, CHAT-DOOR-1
test('a transfer is half-open until its time for a ticket is over, or it has gone, and no longer', async () => {
  await start(true);
  const door = new Door({ ...DEFAULT_DOOR_LIMITS, halfOpenPerAddressMax: 1 }, 0);
  const inner = createServer((socket) => void socket.resume());
  await new Promise<void>((resolve) => inner.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void inner.close());
  const { port } = inner.address() as { port: number };
  const entrance = new TransferEntrance({
    port: () => port,
    handshakeTimeoutMs: 1_000_000,
    settle: (address) => door.settle(address),
  });
  expect(door.arrive('192.0.2.1', 0)).toBeUndefined();
  const socket = connectTcp({ host: '127.0.0.1', port });
  entrance.bring(socket, new Uint8Array(1), '192.0.2.1');
  expect(door.arrive('192.0.2.1', 1)).toMatchObject({ code: 'address-limit' });
  const gone = new Promise((resolve) => socket.once('close', resolve));
  socket.destroy();
  await gone;
  expect(door.halfOpenCount).toBe(0);
  expect(entrance.count).toBe(0);
});

// CHAT-TCP-5
test('no more than 256 transfers come in at a time: others are closed, and wait for nothing', async () => {
  await start(true);
  const inner = createServer((socket) => void socket.resume());
  await new Promise<void>((resolve) => inner.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void inner.close());
  const settled: unknown[] = [];
  const entrance = new TransferEntrance({
    port: () => (inner.address() as { port: number }).port,
    handshakeTimeoutMs: 1_000_000,
    settle: (address) => settled.push(address),
  });
  const sockets = Array.from({ length: 257 }, () => new Socket());
  for (const [index, socket] of sockets.entries()) entrance.bring(socket, new Uint8Array(1), `${index}`);
  expect(sockets.map(({ destroyed }) => destroyed).lastIndexOf(false)).toBe(255);
  expect([entrance.count, settled]).toEqual([256, ['256']]);
  for (const socket of sockets) socket.destroy();
  await entrance.close(1_000);
  expect([entrance.count, settled.length]).toEqual([0, 257]);
});
