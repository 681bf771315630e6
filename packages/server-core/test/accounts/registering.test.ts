import type { LeaveCause } from '@parley/protocol';
import { expect, test } from 'vitest';
import { START_TIME, secretOf, type VirtualClient, VirtualServer } from '../support/virtual-server.ts';

const ARRIVAL = { nickname: 'bob', joinedAt: START_TIME + 250 };

// CHAT-REGISTER-1, CHAT-REGISTER-3, CHAT-ENTER-1, CHAT-PRESENCE-2
test('a registered client is told where it is, and announced', () => {
  const server = new VirtualServer();
  const ann = server.user('ann');
  ann.say('first');
  ann.take();
  server.advance(250);
  const bob = server.observer();
  bob.send({ type: 'register', requestId: 5, nickname: 'bob', secret: secretOf('bob') });
  expect(bob.take()).toEqual([
    {
      type: 'entered',
      room: 'lobby',
      kind: 'public',
      peer: undefined,
      topic: '',
      members: 2,
      epoch: 7,
      first: 1,
      sequence: 1,
    },
    {
      type: 'registered',
      requestId: 5,
      nickname: 'bob',
      sessionId: 2,
    },
    { type: 'presence', room: 'lobby', members: 2, left: [], joined: [ARRIVAL] },
  ]);
  expect(ann.take()).toEqual([{ type: 'presence', room: 'lobby', members: 2, left: [], joined: [ARRIVAL] }]);
});

// CHAT-REGISTER-1, CHAT-NICK-1
test('a nickname is answered in NFC', () => {
  const client = new VirtualServer().observer();
  client.send({ type: 'register', requestId: 1, nickname: 'Zoe\u0308', secret: secretOf('Zoe\u0308') });
  expect(client.takeOnly('registered')).toMatchObject([{ nickname: 'Zoë' }]);
});

// CHAT-REGISTER-1, CHAT-REGISTER-2, CHAT-NICK-4
test.each(['ann', 'ANN', 'Ａｎｎ'])(
  '%s is refused while ann is here, and another try succeeds',
  (nickname) => {
    const server = new VirtualServer();
    const ann = server.user('ann');
    const other = server.observer();
    other.send({ type: 'register', requestId: 1, nickname, secret: secretOf('another') });
    expect(other.take()).toEqual([
      {
        type: 'failed',
        requestId: 1,
        code: 'nickname-taken',
        message: `the nickname ${nickname} is in use, choose another one`,
        retryAfterMs: undefined,
      },
    ]);
    expect(ann.take()).toEqual([]);
    other.send({ type: 'register', requestId: 2, nickname: 'ann2', secret: secretOf('ann2') });
    expect(other.takeOnly('registered')).toMatchObject([{ requestId: 2, nickname: 'ann2' }]);
  },
);

// CHAT-REGISTER-1, CHAT-NICK-2
test.each(['', 'a b', '\u001b[2J', 'x'.repeat(33), '\u200b'])('%j is refused with a reason', (nickname) => {
  const client = new VirtualServer().observer();
  client.send({ type: 'register', requestId: 1, nickname, secret: secretOf(nickname) });
  expect(client.take()).toMatchObject([
    { type: 'failed', requestId: 1, code: 'nickname-invalid', message: expect.stringMatching(/nickname/) },
  ]);
  expect(client.isClosed).toBe(false);
});

// CHAT-REGISTER-2
test('a nickname is free when its owner has left', () => {
  const server = new VirtualServer();
  server.user('ann').vanish();
  expect(server.user('ann').isClosed).toBe(false);
});

// CHAT-LEFT-1, CHAT-LEFT-2
test('a broken connection is announced once, and frees everything', () => {
  const server = new VirtualServer();
  const ann = server.user('ann');
  const bob = server.user('bob');
  ann.take();
  server.advance(40);
  bob.vanish();
  bob.vanish();
  expect(ann.take()).toEqual([
    {
      type: 'presence',
      room: 'lobby',
      members: 1,
      left: [
        {
          nickname: 'bob',
          cause: 'connection-lost',
          reason: 'connection lost',
          time: START_TIME + 40,
        },
      ],
      joined: [],
    },
  ]);
  ann.vanish();
  expect(server.server.statistics()).toMatchObject({
    sessions: 0,
    registered: 0,
    addresses: 0,
    deadlines: 0,
    members: 0,
    transfers: 0,
    pendingRequests: 0,
  });
});

// CHAT-LEAVE-1, CHAT-LEFT-2, CHAT-GOODBYE-1
test('leaving is answered and announced with its reason, cleaned and cut', () => {
  const server = new VirtualServer();
  const ann = server.user('ann');
  const bob = server.user('bob');
  ann.take();
  bob.send({ type: 'leave', reason: ' see\u001b[31m\r\nyou ' });
  expect(bob.take()).toEqual([
    { type: 'goodbye', code: 'left', message: 'goodbye', reconnectAfterMs: undefined },
  ]);
  expect(bob.isClosed).toBe(true);
  expect(ann.take()).toMatchObject([
    { type: 'presence', left: [{ nickname: 'bob', cause: 'left', reason: 'see [31m you' }] },
  ]);
  server.user('cy').send({ type: 'leave', reason: '' });
  expect(ann.take().at(-1)).toMatchObject({ type: 'presence', left: [{ nickname: 'cy', reason: '' }] });
});

// CHAT-LEFT-2
test.each<[LeaveCause, (bob: VirtualClient, server: VirtualServer, ann: VirtualClient) => void]>([
  ['left', (bob) => bob.send({ type: 'leave', reason: '' })],
  ['connection-lost', (bob) => bob.vanish()],
  ['disconnected', (bob) => bob.send({ type: 'hello', versionMin: 1, versionMax: 1, agent: '' })],
  [
    'timed-out',
    (_, server, ann) => {
      server.advance(30_000);
      ann.send({ type: 'pong', nonce: 0 });
      server.advance(30_000);
    },
  ],
])('the others are told of the cause %s', (cause, goAway) => {
  const server = new VirtualServer();
  const [ann, bob] = [server.user('ann'), server.user('bob')];
  ann.take();
  goAway(bob, server, ann);
  expect(ann.takeOnly('presence')).toMatchObject([{ left: [{ nickname: 'bob', cause }] }]);
});

test('somebody without a nickname comes and goes unnoticed', () => {
  const server = new VirtualServer();
  const ann = server.user('ann');
  server.observer().vanish();
  expect(ann.take()).toEqual([]);
});

// CHAT-ADMIT-1
test('connections above the limit are refused with the time to come back', () => {
  const server = new VirtualServer({ limits: { connectionsMax: 2 } });
  const first = server.connect();
  server.connect();
  const third = server.connect();
  expect(third.take()).toMatchObject([{ type: 'goodbye', code: 'server-full', reconnectAfterMs: 30_000 }]);
  expect(third.isClosed).toBe(true);
  first.vanish();
  expect(server.connect().isClosed).toBe(false);
});

// CHAT-ADMIT-1
test('connections of one address are limited, those of loopback are not', () => {
  const server = new VirtualServer({ limits: { connectionsPerAddressMax: 2 } });
  const clients = [server.connect('192.0.2.1'), server.connect('192.0.2.1'), server.connect('192.0.2.1')];
  expect(clients.map(({ isClosed }) => isClosed)).toEqual([false, false, true]);
  expect(clients[2]?.take()).toMatchObject([{ code: 'address-limit', reconnectAfterMs: 30_000 }]);
  expect(server.connect('192.0.2.2').isClosed).toBe(false);
  expect([1, 2, 3].map(() => server.connect().isClosed)).toEqual([false, false, false]);
  clients[0]?.vanish();
  expect(server.connect('192.0.2.1').isClosed).toBe(false);
});

// CHAT-GOODBYE-3, CHAT-GOODBYE-2
test('a server that stops says goodbye to everybody, and to whoever comes then', () => {
  const server = new VirtualServer();
  const clients = [server.user('ann'), server.user('bob'), server.observer(), server.connect()];
  for (const client of clients) client.take();
  server.handle({ type: 'stop', message: 'back in a minute', reconnectAfterMs: 5_000 });
  const goodbye = {
    type: 'goodbye',
    code: 'server-stopping',
    message: 'back in a minute',
    reconnectAfterMs: 5_000,
  };
  for (const client of clients) {
    expect(client.take()).toEqual([goodbye]);
    expect(client.isClosed).toBe(true);
  }
  expect(server.connect().take()).toEqual([goodbye]);
  expect(server.server.statistics()).toMatchObject({ sessions: 0, registered: 0, members: 0, deadlines: 0 });
});
