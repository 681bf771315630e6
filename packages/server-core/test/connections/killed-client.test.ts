// kill -9 of a client process in the middle of a download and of a message, with real sockets and the real transfer host.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Program, sourceCommand } from '@parley/programs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  createParleyServer,
  openWorkerTransferHost,
  type ParleyServer,
  type ServerNote,
} from '../../src/index.ts';
import { SocketClient } from '../support/socket-client.ts';

const DOOMED_CLIENT = new URL('../support/doomed-client.ts', import.meta.url);
let folder = '';
let server: ParleyServer;
let client: Program | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-killed-'));
  await writeFile(join(folder, 'big.bin'), Buffer.alloc(50_000_000));
  const transferHost = await openWorkerTransferHost({ host: '127.0.0.1', port: 0 });
  server = createParleyServer({
    host: '127.0.0.1',
    port: 0,
    limits: { presenceIntervalMs: 0 },
    files: { folder, transferHost },
  });
});

afterEach(async () => {
  await client?.kill();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

// CHAT-LEFT-1, CHAT-LEFT-2, CHAT-TRANSFER-7
test('a client that is killed in mid-download and mid-message is logged, announced and freed', async () => {
  const { port } = await server.start();
  const notes: ServerNote[] = [];
  const transferEnded = new Promise<void>((resolve) => {
    server.on('note', (note) => {
      notes.push(note);
      if (note.name === 'transfer-ended') resolve();
    });
  });
  const ann = await SocketClient.user(port, 'ann');
  client = new Program([...sourceCommand(DOOMED_CLIENT), `${port}`, 'big.bin']);
  await client.stdout.line(/in the middle of everything/);
  expect(server.statistics()).toMatchObject({
    connections: 2,
    sessions: 2,
    registered: 2,
    members: 2,
    transfers: 1,
  });

  await client.kill();
  expect(await ann.nextDeparture()).toMatchObject({ nickname: 'doomed', cause: 'connection-lost' });
  await transferEnded;

  expect(notes).toContainEqual(expect.objectContaining({ name: 'user-left', nickname: 'doomed' }));
  expect(notes).toContainEqual(
    expect.objectContaining({
      name: 'session-ended',
      detail: expect.stringContaining('in the middle of a message'),
    }),
  );
  expect(notes).toContainEqual(expect.objectContaining({ name: 'transfer-ended', outcome: 'cancelled' }));
  expect(server.statistics()).toMatchObject({
    sessions: 1,
    registered: 1,
    members: 1,
    deadlines: 1,
    transfers: 0,
    pendingRequests: 0,
    queuedBytes: 0,
  });
  // Its name is free, and nothing of the message that it began was said.
  const other = await SocketClient.user(port, 'doomed');
  other.send({ type: 'ping', nonce: 1 });
  await other.next('pong');
  expect(ann.received.filter(({ type }) => type === 'message')).toEqual([]);
});
