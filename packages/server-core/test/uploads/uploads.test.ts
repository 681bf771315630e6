import type { Nickname, Sha256, Ticket, TransferId } from '@parley/protocol';
import { expect, test } from 'vitest';
import { type VirtualClient, VirtualServer } from '../support/virtual-server.ts';

const ROOT = new Uint8Array(32).fill(8) as Sha256;
const WAY = { ticket: new Uint8Array(32).fill(7) as Ticket, ticketLifetimeMs: 30_000, udpPort: 4_000 };

function ask(client: VirtualClient, name = 'a b.iso', room?: string): void {
  client.send({ type: 'request-upload', requestId: 6, name, size: 1_000, chunkRoot: ROOT, room });
}

function open(server: VirtualServer): TransferId {
  const transferId = server.uploadOpenings.at(-1)?.transferId as TransferId;
  server.handle({ type: 'upload-opened', transferId, ...WAY, size: 1_000, start: 0 });
  return transferId;
}

// CHAT-UPLOAD-1
test('an upload is offered when the host knows the ticket, and its end is told once', () => {
  const server = new VirtualServer({ uploads: 'all' });
  const ann = server.user('ann');
  ask(ann);
  expect(ann.take()).toEqual([]);
  expect(server.uploadOpenings).toEqual([
    {
      type: 'open-upload',
      transferId: 1,
      name: 'a b.iso',
      size: 1_000,
      chunkRoot: ROOT,
      folder: undefined,
      nickname: 'ann',
      userId: expect.any(String),
      device: expect.any(String),
      account: undefined,
      sent: undefined,
      announcement: undefined,
    },
  ]);
  const transferId = open(server);
  expect(ann.take()).toEqual([
    { type: 'upload-offer', requestId: 6, transferId, ...WAY, name: 'a b.iso', start: 0 },
  ]);
  const end = {
    type: 'transfer-ended',
    transferId,
    outcome: 'completed',
    bytesSent: 1_000,
    message: '',
  } as const;
  server.handle(end);
  server.handle(end);
  expect(ann.take()).toEqual([end]);
  expect(server.server.statistics().transfers).toBe(0);
});

// CHAT-UPLOAD-1
test.each([
  ['off', 'guest', 'transfers-unavailable'],
  ['off', 'account', 'transfers-unavailable'],
  ['registered', 'guest', 'account-required'],
  ['registered', 'account', undefined],
  ['all', 'guest', undefined],
] as const)('with uploads %s the answer to a user with %s is %s', (uploads, kind, code) => {
  const server = new VirtualServer({ uploads });
  const ann = kind === 'guest' ? server.user('ann') : server.owner('ann');
  ann.take();
  ask(ann);
  const expected =
    code === undefined ? [] : [expect.objectContaining({ type: 'failed', requestId: 6, code })];
  expect(ann.take()).toEqual(expected);
  expect(server.uploadOpenings).toHaveLength(code === undefined ? 1 : 0);
});

// CHAT-UPLOAD-2
test.each([
  '',
  '.',
  '..',
  '.hidden',
  '../a',
  'a/b',
  'a\\b',
  '/etc/passwd',
  'C:\\a',
  'C:a',
  'a:stream',
  'a\0b',
  'a\nb',
  'a\u202eb',
  'con',
  'CON.txt',
  'nul',
  'NUL .txt',
  'com1',
  'COM¹.log',
  'lpt9.x',
  'CONIN$',
  'aux.',
  'a.',
  'a ',
  ' a',
  'a*',
  'a?',
  'a<b',
  'a>b',
  'a|b',
  'a"b',
  'é'.repeat(128),
])('the name %j is refused', (name) => {
  const server = new VirtualServer({ uploads: 'all' });
  const ann = server.user('ann');
  ask(ann, name);
  expect(ann.take()).toMatchObject([{ type: 'failed', requestId: 6, code: 'file-name-invalid' }]);
  expect(server.uploadOpenings).toEqual([]);
});

// CHAT-UPLOAD-2
test.each(['a b.iso', 'naïve 😀.txt', 'console.log', 'com10', 'null', 'a..b', 'é'.repeat(127)])(
  'the name %j is taken',
  (name) => {
    const server = new VirtualServer({ uploads: 'all' });
    ask(server.user('ann'), name);
    expect(server.uploadOpenings).toHaveLength(1);
  },
);

// CHAT-TRANSFER-7
test('the ticket of a client that has gone in between is revoked', () => {
  const server = new VirtualServer({ uploads: 'all' });
  const ann = server.user('ann');
  ask(ann);
  ann.send({ type: 'leave', reason: '' });
  const transferId = open(server);
  expect(server.cancellations).toContainEqual({ type: 'cancel-transfer', transferId, isKept: true });
});

/** An upload of ann that is announced in the lobby comes to this end. */
function upload(server: VirtualServer, ann: VirtualClient, outcome: 'completed' | 'connection-lost'): void {
  ask(ann, 'a b.iso', 'lobby');
  const transferId = open(server);
  server.handle({ type: 'transfer-ended', transferId, outcome, bytesSent: 1_000, message: '' });
}

// CHAT-UPLOAD-6
test('the room hears of a file when it is there, by who uploaded it, also when that one has gone', () => {
  const server = new VirtualServer({ uploads: 'all' });
  const ann = server.user('ann');
  const bob = server.user('bob');
  upload(server, ann, 'connection-lost');
  expect(bob.take().filter(({ type }) => type === 'message')).toEqual([]);
  upload(server, ann, 'completed');
  const told = {
    type: 'message',
    room: 'lobby',
    from: 'ann',
    kind: 'text',
    text: 'file:"a b.iso" (1000 bytes)',
  };
  expect(bob.take()).toContainEqual(expect.objectContaining({ ...told, sequence: 1 }));
  ask(ann, 'c.iso', 'lobby');
  const transferId = open(server);
  ann.send({ type: 'leave', reason: '' });
  server.handle({ type: 'transfer-ended', transferId, outcome: 'completed', bytesSent: 5, message: '' });
  expect(bob.take()).toContainEqual(
    expect.objectContaining({ text: 'file:c.iso (1000 bytes)', sequence: 2 }),
  );
});

// CHAT-UPLOAD-6, CHAT-SLOW-2
test('in slow mode a file that is announced counts as said, and is not refused', () => {
  const server = new VirtualServer({ uploads: 'all', operatorCode: 'c0de' });
  const [boss, ann] = [server.owner('boss', { invite: 'c0de' }), server.user('ann')];
  boss.configureRoom('lobby', { slowModeMs: 5_000 });
  ann.say('first');
  boss.take();
  server.now += 3_000;
  upload(server, ann, 'completed');
  expect(boss.takeOnly('message')).toMatchObject([{ text: 'file:"a b.iso" (1000 bytes)' }]);
  server.now += 2_000;
  ann.take();
  ann.say('second');
  expect(ann.take()).toMatchObject([{ code: 'slow-mode', retryAfterMs: 3_000 }]);
});

// CHAT-UPLOAD-8
test('a room that was not told of a file when the server died is told by the next one, once', () => {
  const server = new VirtualServer({ uploads: 'all' });
  const ann = server.user('ann');
  ask(ann, 'a.iso', 'lobby');
  const { announcement } = server.uploadOpenings.at(-1) ?? {};
  if (announcement === undefined) throw new Error('nothing is to be announced');
  const { log } = server;
  for (const expected of [['file:a.iso (1000 bytes)'], []]) {
    const next = new VirtualServer({ uploads: 'all', log });
    const bob = next.user('bob');
    bob.take();
    next.handle({ type: 'upload-found', announcement });
    const told = bob.take().filter((message) => message.type === 'message');
    expect(told.map(({ text }) => text)).toEqual(expected);
    expect(told.every(({ from }) => from === 'ann')).toBe(true);
    expect(next.settledUploads).toEqual(['a.iso']);
  }
});

// CHAT-UPLOAD-8
test('a room that cannot be told of a file now is told another time, and one that is gone never', () => {
  const server = new VirtualServer({ uploads: 'all' });
  const ann = server.user('ann');
  server.writeTrouble = 'no room on the disk';
  upload(server, ann, 'completed');
  expect(server.settledUploads).toEqual([]);
  const { announcement } = server.uploadOpenings.at(-1) ?? {};
  if (announcement === undefined) throw new Error('nothing is to be announced');
  server.writeTrouble = undefined;
  server.handle({ type: 'upload-found', announcement });
  expect(server.settledUploads).toEqual(['a b.iso']);
  server.handle({ type: 'upload-found', announcement: { ...announcement, path: 'c', roomKey: 'gone' } });
  expect(server.settledUploads).toEqual(['a b.iso', 'c']);
  expect(server.notes).toContainEqual(expect.objectContaining({ name: 'upload-not-announced', path: 'c' }));
});

// CHAT-UPLOAD-6
test('who may not write in a room may not have a file announced there', () => {
  const server = new VirtualServer({ uploads: 'all', operatorCode: 'c0de' });
  const ann = server.user('ann');
  ann.take();
  ask(ann, 'a.iso', 'nowhere');
  expect(ann.take()).toMatchObject([{ type: 'failed', code: 'room-not-found' }]);
  const ada = server.owner('ada', { invite: 'c0de' });
  ada.send({
    type: 'moderate',
    requestId: 3,
    action: 'mute',
    room: undefined,
    target: 'ann',
    durationMs: undefined,
    reason: '',
  });
  ann.take();
  ask(ann, 'a.iso', 'lobby');
  expect(ann.take()).toMatchObject([{ type: 'failed', code: 'muted' }]);
  expect(server.uploadOpenings).toEqual([]);
});

/** The conversation of ann with bob. */
function conversation(ann: VirtualClient): string {
  ann.take();
  ann.send({ type: 'open-direct', requestId: 1, nickname: 'bob' as Nickname });
  const entered = ann.take().find(({ type }) => type === 'entered');
  return (entered as { room: string }).room;
}

// CHAT-SEND-1
test('what is uploaded in a conversation is for its two users, and they hear of its path', () => {
  const server = new VirtualServer({ uploads: 'all' });
  const ann = server.user('ann');
  const bob = server.user('bob');
  const room = conversation(ann);
  ask(ann, 'a.iso', room);
  const { sent } = server.uploadOpenings.at(-1) ?? {};
  expect(sent?.id).toMatch(/^[0-9a-f]{32}$/);
  expect(new Set(sent?.users).size).toBe(2);
  const transferId = open(server);
  server.handle({ type: 'transfer-ended', transferId, outcome: 'completed', bytesSent: 5, message: '' });
  const text = `file:@${sent?.id}/a.iso (1000 bytes)`;
  expect(bob.take()).toContainEqual(expect.objectContaining({ type: 'message', room, from: 'ann', text }));
});

// CHAT-DIRECT-1
test('a conversation is opened with somebody who is not here and has an account', () => {
  const server = new VirtualServer({ uploads: 'all' });
  server.owner('bob').send({ type: 'leave', reason: '' });
  const ann = server.user('ann');
  expect(conversation(ann)).toMatch(/^@/);
});

// CHAT-SEND-3
test('what was sent is discarded by its path, and nothing else is', () => {
  const server = new VirtualServer({ uploads: 'all' });
  const ann = server.user('ann');
  ann.take();
  ann.send({ type: 'discard-file', requestId: 7, name: 'a.iso' });
  expect(ann.take()).toMatchObject([{ type: 'failed', requestId: 7, code: 'file-not-found' }]);
  const name = `@${'0'.repeat(32)}/a.iso`;
  ann.send({ type: 'discard-file', requestId: 8, name });
  const discarding = server.discardings.at(-1);
  expect(discarding).toMatchObject({ requestId: 8, name });
  if (discarding === undefined) return;
  const { connectionId } = discarding;
  server.handle({ type: 'file-discarded', connectionId, requestId: 8, isFound: true });
  expect(ann.take()).toEqual([{ type: 'done', requestId: 8 }]);
  ann.send({ type: 'discard-file', requestId: 9, name });
  server.handle({ type: 'file-discarded', connectionId, requestId: 9, isFound: false });
  expect(ann.take()).toMatchObject([{ type: 'failed', requestId: 9, code: 'file-not-found' }]);
});

// CHAT-SEND-4, CHAT-REQUEST-3
test('what was sent to a user is looked for and told', () => {
  const server = new VirtualServer({ uploads: 'all', limits: { pendingRequestsMax: 1 } });
  const ann = server.user('ann');
  ann.take();
  ann.send({ type: 'list-sent', requestId: 7 });
  ann.send({ type: 'list-sent', requestId: 8 });
  expect(ann.take()).toMatchObject([{ type: 'failed', requestId: 8, code: 'request-limit' }]);
  expect(server.sentListings).toMatchObject([{ requestId: 7, nickname: 'ann' }]);
  const { connectionId } = server.sentListings[0] ?? {};
  if (connectionId === undefined) throw new Error('nothing was looked for');
  const name = `@${'0'.repeat(32)}/a.iso` as never;
  const files = [{ name, size: 5, time: 1, from: 'bob' as never, files: 2 }];
  server.handle({ type: 'sent-listed', connectionId, requestId: 7, files });
  expect(ann.take()).toEqual([{ type: 'sent-files', requestId: 7, files }]);
  ann.send({ type: 'list-sent', requestId: 9 });
  server.handle({ type: 'sent-listed', connectionId, requestId: 9, files: undefined });
  expect(ann.take()).toMatchObject([{ type: 'failed', requestId: 9, code: 'internal-error' }]);
});

// CHAT-FOLDER-8
test('a folder is announced with the number of its files, and its name ends with a slash', () => {
  const server = new VirtualServer({ uploads: 'all' });
  const [ann, bob] = [server.user('ann'), server.user('bob')];
  const figures = { size: 1_000, largest: 900, files: 2, entries: 3, manifestBytes: 99 };
  const request = {
    type: 'request-folder-upload',
    requestId: 6,
    name: 'my pics',
    manifestRoot: ROOT,
  } as const;
  ann.send({ ...request, ...figures, room: 'lobby' });
  const { largest, files, entries, manifestBytes } = figures;
  const folder = { largest, files, entries, manifestBytes };
  expect(server.uploadOpenings.at(-1)).toMatchObject({ name: 'my pics', chunkRoot: ROOT, folder });
  const transferId = open(server);
  expect(ann.take()).toContainEqual(
    expect.objectContaining({ type: 'upload-offer', name: 'my pics', start: 0 }),
  );
  bob.take();
  const end = { type: 'transfer-ended', transferId, outcome: 'completed', message: '' } as const;
  server.handle({ ...end, bytesSent: 1_000 });
  expect(bob.take()).toContainEqual(
    expect.objectContaining({ type: 'message', text: 'file:"my pics/" (2 files, 1000 bytes)' }),
  );
});

// CHAT-SEND-1, CHAT-FOLDER-8
test('a folder is sent to one user, who hears of its path with a slash behind it', () => {
  const server = new VirtualServer({ uploads: 'all' });
  const [ann, bob] = [server.user('ann'), server.user('bob')];
  const room = conversation(ann);
  const figures = { size: 5, largest: 4, files: 2, entries: 3, manifestBytes: 9 };
  ann.send({ type: 'request-folder-upload', requestId: 6, name: 'a', ...figures, manifestRoot: ROOT, room });
  const { sent, folder } = server.uploadOpenings.at(-1) ?? {};
  expect(folder).toMatchObject({ files: 2, entries: 3 });
  const transferId = open(server);
  server.handle({ type: 'transfer-ended', transferId, outcome: 'completed', bytesSent: 5, message: '' });
  const text = `file:@${sent?.id}/a/ (2 files, 5 bytes)`;
  expect(bob.take()).toContainEqual(expect.objectContaining({ type: 'message', room, from: 'ann', text }));
});
