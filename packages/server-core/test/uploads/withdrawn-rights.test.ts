// What becomes of transfers when their users lose what allowed them.
import type { Sha256, Ticket, TransferId } from '@parley/protocol';
import { describe, expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/domain/limits.ts';
import { PASSWORD, type VirtualClient, VirtualServer } from '../support/virtual-server.ts';

const ROOT = new Uint8Array(32).fill(8) as Sha256;
const WAY = { ticket: new Uint8Array(32).fill(7) as Ticket, ticketLifetimeMs: 30_000, udpPort: 4_000 };

function put(client: VirtualClient, name: string, room?: string): void {
  client.send({ type: 'request-upload', requestId: 6, name, size: 1_000, chunkRoot: ROOT, room });
}

function get(client: VirtualClient, name: string): void {
  const all = { chunkRoot: undefined, ranges: undefined, version: undefined };
  client.send({ type: 'request-transfer', requestId: 7, name, ...all });
}

/** The newest upload has its ticket. */
function offerUpload(server: VirtualServer): TransferId {
  const transferId = server.uploadOpenings.at(-1)?.transferId as TransferId;
  server.handle({ type: 'upload-opened', transferId, ...WAY, size: 1_000, start: 0 });
  return transferId;
}

function end(server: VirtualServer, transferId: TransferId, outcome: 'completed' | 'connection-lost'): void {
  server.handle({ type: 'transfer-ended', transferId, outcome, bytesSent: 1_000, message: '' });
}

/** The conversation of a client with somebody. */
function conversation(client: VirtualClient, nickname: string): string {
  client.take();
  client.send({ type: 'open-direct', requestId: 1, nickname });
  const entered = client.take().find(({ type }) => type === 'entered');
  return (entered as { room: string }).room;
}

const deleteAccount = (client: VirtualClient) =>
  client.send({ type: 'delete-account', requestId: 5, password: PASSWORD });

const cancelled = ({ cancellations }: VirtualServer) =>
  cancellations.map(({ transferId, isKept }) => [transferId, isKept]);

const textsTo = (client: VirtualClient) =>
  client.take().flatMap((message) => (message.type === 'message' ? [message.text] : []));

// CHAT-WITHDRAWN-1, CHAT-TRANSFER-7
describe('transfers end at once, and can go on later, with connections that end', () => {
  const revoke = (name: string) => ({ type: 'revoke-credential', requestId: 9, name }) as const;

  test.each(['a revoked token', 'a new password', 'an emergency'] as const)('by %s', (cause) => {
    const limits = { ...DEFAULT_LIMITS, transfersPerUserMax: 2 };
    const server = new VirtualServer({ uploads: 'all', operatorCode: 'c0de', limits });
    const ann = server.owner('ann', { invite: 'c0de' });
    const other = cause === 'an emergency' ? server.user('guest') : server.observer();
    if (cause === 'a revoked token') {
      ann.send({ type: 'create-token', requestId: 3, name: 'robot' });
      const [made] = ann.takeOnly('token');
      const secret = new Uint8Array(32).fill(5) as never;
      if (made) other.send({ type: 'login-token', requestId: 1, secret, token: made.token });
    } else if (cause === 'a new password') other.login('ann');
    put(other, 'a.iso');
    const transferId = offerUpload(server);
    get(other, 'b.iso');
    get(other, 'waits.iso');
    expect(other.takeOnly('transfer-queued')).toHaveLength(1);
    if (cause === 'a revoked token') ann.send(revoke('robot'));
    else if (cause === 'an emergency') ann.send({ type: 'set-emergency', requestId: 9, level: 'registered' });
    else
      ann.send({ type: 'set-password', requestId: 9, current: PASSWORD, password: 'another word' as never });
    expect(other.isClosed).toBe(true);
    expect(cancelled(server)).toEqual([
      [transferId, true],
      [transferId + 1, true],
    ]);
    end(server, transferId, 'connection-lost');
    server.handle({
      type: 'transfer-refused',
      transferId: (transferId + 1) as TransferId,
      code: 'transfer-not-found',
      message: '',
    });
    expect(server.server.statistics()).toMatchObject({ transfers: 0 });
    expect(ann.isClosed).toBe(false);
  });
});

// CHAT-WITHDRAWN-2
describe('when an account is deleted', () => {
  test('its transfers end and nothing is kept of them, whatever state they are in', () => {
    const server = new VirtualServer({
      uploads: 'all',
      limits: { ...DEFAULT_LIMITS, transfersPerUserMax: 2 },
    });
    const [ann, bob] = [server.owner('ann'), server.owner('bob')];
    put(ann, 'offered.iso');
    const offered = offerUpload(server);
    put(ann, 'opening.iso');
    const opening = (offered + 1) as TransferId;
    get(ann, 'waits.iso');
    put(bob, 'of-bob.iso');
    offerUpload(server);
    ann.take();
    deleteAccount(ann);
    expect(cancelled(server).filter(([, isKept]) => isKept === false)).toEqual([
      [offered, false],
      [opening, false],
    ]);
    expect(ann.take().map((message) => message.type)).toEqual(['done', 'goodbye']);
    expect(server.forgotten).toEqual([{ type: 'forget-user', userId: expect.any(String), account: 'ann' }]);
    end(server, offered, 'connection-lost');
    server.handle({ type: 'upload-opened', transferId: opening, ...WAY, size: 1_000, start: 0 });
    end(server, opening, 'connection-lost');
    expect(server.server.statistics()).toMatchObject({ transfers: 1 });
  });

  test('one that its connection has left is not kept either', () => {
    const server = new VirtualServer({ uploads: 'all' });
    const [ann, phone] = [server.owner('ann'), server.observer()];
    phone.login('ann');
    put(phone, 'a.iso');
    const transferId = offerUpload(server);
    phone.send({ type: 'leave', reason: '' });
    deleteAccount(ann);
    expect(cancelled(server)).toEqual([
      [transferId, true],
      [transferId, false],
    ]);
  });

  test('nobody sends anything to its user, now or later, and files for all are not hurt', () => {
    const server = new VirtualServer({
      uploads: 'all',
      limits: { ...DEFAULT_LIMITS, transfersPerUserMax: 2 },
    });
    const [ann, bob] = [server.owner('ann'), server.owner('bob')];
    const room = conversation(bob, 'ann');
    put(bob, 'for-ann.iso', room);
    const sending = offerUpload(server);
    put(bob, 'for-all.iso');
    offerUpload(server);
    put(bob, 'waits.iso', room);
    bob.take();
    deleteAccount(ann);
    expect(cancelled(server)).toEqual([[sending, false]]);
    expect(bob.takeOnly('failed')).toMatchObject([{ requestId: 6, code: 'user-not-found' }]);
    put(bob, 'again.iso', room);
    expect(bob.takeOnly('failed')).toMatchObject([{ requestId: 6, code: 'user-not-found' }]);
    // It was there before anybody could end it: it goes, and so nobody is told of it.
    end(server, sending, 'completed');
    expect(textsTo(bob)).toEqual([]);
    expect(server.settledUploads).toHaveLength(1);
  });

  test('and that cannot be kept, nothing ends', () => {
    const server = new VirtualServer({ uploads: 'all' });
    const ann = server.owner('ann');
    put(ann, 'a.iso');
    offerUpload(server);
    server.accountTrouble = 'the disk is full';
    deleteAccount(ann);
    expect([server.forgotten, server.cancellations, ann.isClosed]).toEqual([[], [], false]);
  });
});

// CHAT-WITHDRAWN-3
describe('when a user is muted', () => {
  function muted(room: string | undefined) {
    const server = new VirtualServer({
      uploads: 'all',
      operatorCode: 'c0de',
      limits: { ...DEFAULT_LIMITS, transfersPerUserMax: 2 },
    });
    const [boss, ann, bob] = [
      server.owner('boss', { invite: 'c0de' }),
      server.user('ann'),
      server.user('bob'),
    ];
    put(ann, 'for-all.iso', 'lobby');
    const forAll = offerUpload(server);
    const place = conversation(ann, 'bob');
    put(ann, 'for-bob.iso', place);
    const forBob = offerUpload(server);
    put(ann, 'waits.iso', place);
    ann.take();
    bob.take();
    boss.moderate('mute', 'ann', room);
    return { server, ann, bob, forAll, forBob, place };
  }

  test('what the user sends to others ends and is kept, and what is for all goes on untold', () => {
    const { server, ann, bob, forAll, forBob, place } = muted(undefined);
    expect(cancelled(server)).toEqual([[forBob, true]]);
    expect(ann.takeOnly('failed')).toMatchObject([{ requestId: 6, code: 'muted' }]);
    put(ann, 'for-bob.iso', place);
    expect(ann.takeOnly('failed')).toMatchObject([{ requestId: 6, code: 'muted' }]);
    end(server, forAll, 'completed');
    expect(textsTo(bob)).toEqual([]);
    expect(server.settledUploads).toEqual(['for-all.iso']);
  });

  test('in a room, what the user sends to others goes on', () => {
    const { server, bob, forBob } = muted('lobby');
    expect(server.cancellations).toEqual([]);
    end(server, forBob, 'completed');
    expect(textsTo(bob)).toHaveLength(1);
  });
});

// CHAT-UPLOAD-6
test.each([
  ['kicked out of a room for those who were invited', 'invited', 'kick', []],
  ['banned from a room', 'open', 'ban', []],
  ['kicked out of a room, and may come back', 'open', 'kick', ['file:a.iso (1000 bytes)']],
] as const)(
  'a room hears of a file whose sender was %s: not without the right',
  (_, entry, action, texts) => {
    const server = new VirtualServer({ uploads: 'all' });
    const [owner, ann] = [server.owner('owner'), server.owner('ann')];
    owner.createRoom('attic');
    ann.joinRoom('attic');
    owner.configureRoom('attic', { entry });
    put(ann, 'a.iso', 'attic');
    const transferId = offerUpload(server);
    owner.take();
    owner.moderate(action, 'ann', 'attic');
    end(server, transferId, 'completed');
    expect(textsTo(owner)).toEqual(texts);
    expect(server.settledUploads).toEqual(['a.iso']);
  },
);
