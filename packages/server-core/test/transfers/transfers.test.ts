import type { ClientMessage, FilePath, Sha256, Ticket, TransferId, TransferOutcome } from '@parley/protocol';
import { expect, test } from 'vitest';
import { type VirtualClient, VirtualServer } from '../support/virtual-server.ts';

const TICKET = new Uint8Array(32).fill(7) as Ticket;
const SHA256 = new Uint8Array(32).fill(9) as Sha256;
const FILE = {
  ticket: TICKET,
  ticketLifetimeMs: 30_000,
  udpPort: 4_000,
  size: 1_000,
  modifiedAt: 5,
  digests: { sha256: SHA256, chunkRoot: new Uint8Array(32).fill(8) as Sha256 },
};
const VERSION = { size: 1_000, modifiedAt: 5 };
const RANGES = [{ start: 10, end: 1_000 }];

function request(client: VirtualClient, requestId: number, name = 'a b.iso'): void {
  client.send({
    type: 'request-transfer',
    requestId,
    name,
    chunkRoot: SHA256,
    ranges: RANGES,
    version: VERSION,
  });
}

/** The transfer host has taken the newest opening. */
function open(server: VirtualServer): TransferId {
  const transferId = server.openings.at(-1)?.transferId as TransferId;
  server.handle({ type: 'transfer-opened', transferId, ...FILE, bytesToSend: 990 });
  return transferId;
}

function end(server: VirtualServer, transferId: TransferId, outcome: TransferOutcome): void {
  server.handle({ type: 'transfer-ended', transferId, outcome, bytesSent: 990, message: 'as the test says' });
}

// CHAT-TRANSFER-1, CHAT-TRANSFER-2, CHAT-TRANSFER-5
test('a transfer is offered when the host knows the ticket, and its end is told once', () => {
  const server = new VirtualServer();
  const ann = server.user('ann');
  request(ann, 6);
  expect(ann.take()).toEqual([]);
  expect(server.openings).toEqual([
    {
      type: 'open-transfer',
      transferId: 1,
      name: 'a b.iso',
      chunkRoot: SHA256,
      ranges: RANGES,
      version: VERSION,
      nickname: 'ann',
      userId: expect.any(String),
    },
  ]);
  const transferId = open(server);
  expect(ann.take()).toEqual([
    { type: 'transfer-offer', requestId: 6, transferId, ...FILE, name: 'a b.iso' },
  ]);
  server.handle({ type: 'transfer-started', transferId });
  end(server, transferId, 'completed');
  end(server, transferId, 'connection-lost');
  expect(ann.take()).toEqual([
    {
      type: 'transfer-ended',
      transferId,
      outcome: 'completed',
      message: 'as the test says',
      bytesSent: 990,
    },
  ]);
  expect(server.server.statistics()).toMatchObject({
    transfers: 0,
    pendingRequests: 0,
    counters: { transfersOffered: 1, transfersCompleted: 1 },
  });
});

// CHAT-TRANSFER-1, CHAT-FILE-1
test.each(['', '../etc/passwd', '.hidden', 'a\\b', 'a\u0000'])(
  'the name %j never reaches the disk',
  (name) => {
    const server = new VirtualServer();
    const ann = server.user('ann');
    request(ann, 6, name);
    expect(ann.take()).toMatchObject([{ type: 'failed', requestId: 6, code: 'file-name-invalid' }]);
    expect(server.openings).toEqual([]);
    expect(server.server.statistics().transfers).toBe(0);
  },
);

// CHAT-TRANSFER-1
test('what the disk refuses is refused with its words', () => {
  const server = new VirtualServer();
  const ann = server.user('ann');
  request(ann, 6);
  const message = 'no shared file is called a b.iso';
  server.handle({ type: 'transfer-refused', transferId: 1 as TransferId, code: 'file-not-found', message });
  expect(ann.take()).toEqual([
    { type: 'failed', requestId: 6, code: 'file-not-found', message, retryAfterMs: undefined },
  ]);
  expect(server.server.statistics()).toMatchObject({ transfers: 0, pendingRequests: 0 });
});

// CHAT-FAILED-1
test('what may be granted later is refused with the time after which to ask again', () => {
  const server = new VirtualServer();
  const ann = server.user('ann');
  request(ann, 6);
  const refusal = { code: 'file-exists', message: 'it is on its way', retryAfterMs: 5_000 } as const;
  server.handle({ type: 'transfer-refused', transferId: 1 as TransferId, ...refusal });
  expect(ann.take()).toEqual([{ type: 'failed', requestId: 6, ...refusal }]);
});

// CHAT-TRANSFER-6
test('a transfer is cancelled by its owner alone', () => {
  const server = new VirtualServer();
  const [ann, bob] = [server.user('ann'), server.user('bob')];
  ann.take();
  request(ann, 6);
  ann.send({ type: 'cancel-transfer', requestId: 7, transferId: 1 as TransferId });
  expect(ann.take()).toMatchObject([{ type: 'failed', requestId: 7, code: 'transfer-not-found' }]);
  const transferId = open(server);
  ann.take();
  bob.send({ type: 'cancel-transfer', requestId: 1, transferId });
  expect(bob.take()).toMatchObject([{ type: 'failed', requestId: 1, code: 'transfer-not-found' }]);
  expect(server.cancellations).toEqual([]);
  ann.send({ type: 'cancel-transfer', requestId: 8, transferId });
  expect(ann.take()).toEqual([{ type: 'done', requestId: 8 }]);
  expect(server.cancellations).toEqual([{ type: 'cancel-transfer', transferId, isKept: false }]);
  end(server, transferId, 'cancelled');
  expect(ann.take()).toMatchObject([{ type: 'transfer-ended', transferId, outcome: 'cancelled' }]);
  ann.send({ type: 'cancel-transfer', requestId: 9, transferId });
  expect(ann.take()).toMatchObject([{ type: 'failed', requestId: 9, code: 'transfer-not-found' }]);
});

// CHAT-TRANSFER-7
test('the transfers of a client that has gone are cancelled, whatever they were doing', () => {
  const server = new VirtualServer();
  const ann = server.user('ann');
  request(ann, 1);
  const running = open(server);
  server.handle({ type: 'transfer-started', transferId: running });
  request(ann, 2);
  const offered = open(server);
  request(ann, 3);
  const opening = server.openings.at(-1)?.transferId as TransferId;
  ann.vanish();
  expect(server.cancellations.map(({ transferId }) => transferId)).toEqual([running, offered, opening]);
  expect(server.server.statistics()).toMatchObject({ sessions: 0, transfers: 3 });
  for (const transferId of [running, offered]) end(server, transferId, 'cancelled');
  // The host was faster than the cancellation: the ticket is revoked again.
  open(server);
  expect(server.cancellations.at(-1)?.transferId).toBe(opening);
  end(server, opening, 'cancelled');
  expect(server.server.statistics()).toMatchObject({ transfers: 0, pendingRequests: 0 });
});

// CHAT-REQUEST-1
test('a transfer that the host loses before it was offered is refused', () => {
  const server = new VirtualServer();
  const ann = server.user('ann');
  request(ann, 6);
  const transferId = server.openings.at(-1)?.transferId as TransferId;
  end(server, transferId, 'internal-error');
  open(server);
  expect(ann.take()).toMatchObject([{ type: 'failed', requestId: 6, code: 'internal-error' }]);
  expect(server.cancellations).toHaveLength(1);
  expect(server.server.statistics()).toMatchObject({ transfers: 0, pendingRequests: 0 });
});

// CHAT-TRANSFER-8
test('a connection has a limited number of transfers', () => {
  const server = new VirtualServer({ limits: { transfersMax: 2, pendingRequestsMax: 9 } });
  const ann = server.user('ann');
  for (const requestId of [1, 2, 3]) request(ann, requestId);
  expect(ann.take()).toMatchObject([{ type: 'failed', requestId: 3, code: 'transfer-limit' }]);
  end(server, open(server), 'completed');
  ann.take();
  request(ann, 4);
  expect(ann.take()).toEqual([]);
});

// CHAT-REQUEST-3
test.each<ClientMessage>([
  { type: 'list-files', requestId: 7, cursor: undefined, limit: 5, pattern: '', order: 'name' },
  { type: 'list-sent', requestId: 7 },
  { type: 'discard-file', requestId: 7, name: `@${'0'.repeat(32)}/a.iso` },
  { type: 'read-history', requestId: 7, room: 'lobby', direction: 'after', epoch: 0, sequence: 0, limit: 0 },
  { type: 'search', requestId: 7, query: 'tea', cursor: undefined, limit: 0 },
  { type: 'read-audit', requestId: 7, room: undefined, cursor: undefined, limit: 0 },
  {
    type: 'request-transfer',
    requestId: 7,
    name: 'a',
    chunkRoot: undefined,
    ranges: undefined,
    version: undefined,
  },
  { type: 'request-folder', requestId: 7, name: 'a', known: undefined, ranges: undefined, begun: undefined },
  { type: 'request-upload', requestId: 7, name: 'a', size: 1, chunkRoot: SHA256, room: undefined },
  {
    type: 'request-folder-upload',
    requestId: 7,
    name: 'a',
    size: 2,
    largest: 1,
    files: 2,
    entries: 2,
    manifestRoot: SHA256,
    manifestBytes: 99,
    room: undefined,
  },
])('$type is a request that needs the disk', (request) => {
  const limits = { pendingRequestsMax: 0 };
  const server = new VirtualServer({ uploads: 'all', operatorCode: 'c0de', limits });
  const boss = server.owner('boss', { invite: 'c0de' });
  boss.take();
  boss.send(request);
  expect(boss.take()).toMatchObject([{ type: 'failed', requestId: 7, code: 'request-limit' }]);
});

// CHAT-REQUEST-2, CHAT-REQUEST-3
test('requests that wait for the disk are limited, and answered in any order', () => {
  const server = new VirtualServer({ limits: { pendingRequestsMax: 2 } });
  const ann = server.user('ann');
  const listFiles = (requestId: number) =>
    ann.send({ type: 'list-files', requestId, cursor: undefined, limit: 5, pattern: '', order: 'name' });
  listFiles(1);
  listFiles(2);
  listFiles(3);
  request(ann, 4);
  expect(ann.take()).toMatchObject([
    { type: 'failed', requestId: 3, code: 'request-limit' },
    { type: 'failed', requestId: 4, code: 'request-limit' },
  ]);
  const { connectionId } = ann;
  const files = [{ name: 'a' as FilePath, size: 1, modifiedAt: 2, sha256: undefined }];
  const answer = (requestId: number) =>
    server.handle({
      type: 'file-list-ready',
      connectionId,
      requestId,
      result: { ok: true, files, nextCursor: 'b' },
    });
  answer(2);
  answer(1);
  expect(ann.take()).toEqual([
    { type: 'files', requestId: 2, files, nextCursor: 'b' },
    { type: 'files', requestId: 1, files, nextCursor: 'b' },
  ]);
  listFiles(5);
  expect(server.fileLists.map(({ requestId }) => requestId)).toEqual([1, 2, 5]);
});

// CHAT-LIST-2, CHAT-LIST-3
test('files are listed to who is not registered; a failure is told', () => {
  const server = new VirtualServer();
  const observer = server.observer();
  observer.send({ type: 'list-files', requestId: 1, cursor: 'x', limit: 0, pattern: '', order: 'name' });
  const { connectionId } = observer;
  expect(server.fileLists).toEqual([
    { type: 'list-files', connectionId, requestId: 1, cursor: 'x', limit: 0, pattern: '', order: 'name' },
  ]);
  const result = { ok: false, code: 'cursor-invalid', message: 'expected a cursor of this server' } as const;
  server.handle({ type: 'file-list-ready', connectionId, requestId: 1, result });
  expect(observer.take()).toMatchObject([{ type: 'failed', requestId: 1, code: 'cursor-invalid' }]);
});

// CHAT-TRANSFER-1
test('a server without a shared folder has an empty list and no transfers', () => {
  const server = new VirtualServer({ sharesFiles: false });
  const ann = server.user('ann');
  ann.send({ type: 'list-files', requestId: 1, cursor: undefined, limit: 0, pattern: '', order: 'name' });
  request(ann, 2);
  expect(ann.take()).toMatchObject([
    { type: 'files', requestId: 1, files: [], nextCursor: undefined },
    { type: 'failed', requestId: 2, code: 'transfers-unavailable' },
  ]);
});
