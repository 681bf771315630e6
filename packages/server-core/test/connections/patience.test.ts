import { describe, expect, test } from 'vitest';
import { messageId, VirtualServer } from '../support/virtual-server.ts';

// CHAT-PING-1
test('a ping is answered with its nonce', () => {
  const client = new VirtualServer().user('ann');
  client.send({ type: 'ping', nonce: 0xdeadbeef });
  expect(client.take()).toEqual([{ type: 'pong', nonce: 0xdeadbeef }]);
});

// CHAT-PING-2
describe('a client that is silent', () => {
  test('is asked after 25 seconds and gone after 60', () => {
    const server = new VirtualServer();
    const [ann, bob] = [server.user('ann'), server.user('bob')];
    ann.take();
    server.advance(24_999);
    bob.send({ type: 'pong', nonce: 0 });
    expect(ann.take()).toEqual([]);
    server.advance(1);
    expect(ann.takeOnly('ping')).toHaveLength(1);
    server.advance(25_000);
    bob.send({ type: 'pong', nonce: 0 });
    server.advance(9_999);
    expect(ann.isClosed).toBe(false);
    server.advance(1);
    expect(ann.take()).toMatchObject([{ type: 'goodbye', code: 'peer-silent', reconnectAfterMs: 1_000 }]);
    expect(ann.isClosed).toBe(true);
    expect(bob.takeOnly('presence')).toMatchObject([
      { left: [{ nickname: 'ann', cause: 'timed-out', reason: 'no sign of life for 60 s' }] },
    ]);
    expect(server.server.statistics().sessions).toBe(1);
  });

  test('stays for hours when it answers', () => {
    const server = new VirtualServer();
    const ann = server.user('ann');
    for (let pings = 0; pings < 500; pings += 1) {
      server.advance(25_000);
      const [ping] = ann.takeOnly('ping');
      expect(ping).toBeDefined();
      ann.send({ type: 'pong', nonce: ping?.nonce ?? 0 });
    }
    expect(ann.isClosed).toBe(false);
  });

  test('gets its chance to answer after the server itself was asleep', () => {
    const server = new VirtualServer();
    const ann = server.user('ann');
    server.now += 3_600_000;
    server.handle({ type: 'deadline' });
    expect(ann.take()).toMatchObject([{ type: 'ping' }]);
    server.advance(34_999);
    expect(ann.isClosed).toBe(false);
    server.advance(1);
    expect(ann.isClosed).toBe(true);
  });
});

// CHAT-IDLE-1
test('who has no nickname and asks nothing for 5 minutes is sent away, in spite of its pings', () => {
  const server = new VirtualServer();
  const observer = server.observer();
  const ping = (times: number) => {
    for (let count = 0; count < times; count += 1) {
      server.advance(20_000);
      observer.send({ type: 'ping', nonce: 1 });
    }
  };
  ping(14);
  observer.send({ type: 'list-users', requestId: 1, room: 'lobby', cursor: undefined, limit: 0 });
  ping(14);
  server.advance(19_999);
  expect(observer.isClosed).toBe(false);
  server.advance(1);
  expect(observer.take().at(-1)).toMatchObject({ type: 'goodbye', code: 'idle-timeout' });
  expect(observer.isClosed).toBe(true);
});

// CHAT-FLOOD-1
test('messages above the allowance are refused with the time to wait, which is enough', () => {
  const server = new VirtualServer({ limits: { messages: { burst: 3, perSecond: 4 } } });
  const [ann, bob] = [server.user('ann'), server.user('bob')];
  ann.take();
  for (let count = 0; count < 4; count += 1) ann.say(`text ${count}`);
  const refusal = ann.takeOnly('failed');
  expect(refusal).toMatchObject([{ code: 'rate-limited', retryAfterMs: 250 }]);
  expect(bob.takeOnly('message')).toHaveLength(3);
  server.advance(249);
  ann.say('too early');
  expect(ann.takeOnly('failed')).toHaveLength(1);
  server.advance(1);
  ann.say('in time');
  expect(ann.takeOnly('accepted')).toMatchObject([{ sequence: 4 }]);
  // The other allowances are untouched.
  ann.send({ type: 'list-users', requestId: 1, room: 'lobby', cursor: undefined, limit: 0 });
  expect(ann.takeOnly('users')).toHaveLength(1);
});

// CHAT-FLOOD-1
test('other requests have an allowance of their own, and pings above it get no answer', () => {
  const server = new VirtualServer({ limits: { requests: { burst: 5, perSecond: 1 } } });
  const ann = server.user('ann');
  for (let nonce = 0; nonce < 5; nonce += 1) ann.send({ type: 'ping', nonce });
  expect(ann.takeOnly('pong')).toHaveLength(3);
  ann.send({ type: 'list-users', requestId: 1, room: 'lobby', cursor: undefined, limit: 0 });
  expect(ann.takeOnly('failed')).toMatchObject([{ requestId: 1, code: 'rate-limited', retryAfterMs: 1_000 }]);
  ann.say('still allowed');
  expect(ann.takeOnly('accepted')).toHaveLength(1);
});

// CHAT-FLOOD-1
test.each([
  ['say', 'edit', true],
  ['edit', 'delete', true],
  ['delete', 'say', true],
  ['read-history', 'search', true],
  ['search', 'read-history', true],
  ['say', 'search', false],
  ['search', 'delete', false],
  ['delete', 'set-topic', false],
] as const)('%s and %s have one allowance: %s', (first, second, isShared) => {
  const once = { burst: 1, perSecond: 0.001 };
  const server = new VirtualServer({ limits: { messages: once, history: once } });
  const ann = server.user('ann');
  const add = { requestId: 1, room: 'lobby', clientMessageId: messageId('x') } as const;
  const requests = {
    say: { type: 'say', ...add, text: 'tea' },
    edit: { type: 'edit', ...add, sequence: 1, text: 'tea' },
    delete: { type: 'delete', ...add, sequence: 1 },
    'set-topic': { type: 'set-topic', ...add, topic: 'tea' },
    'read-history': {
      type: 'read-history',
      requestId: 1,
      room: 'lobby',
      direction: 'after',
      epoch: 0,
      sequence: 0,
      limit: 1,
    },
    search: { type: 'search', requestId: 1, query: 'tea', cursor: undefined, limit: 1 },
  } as const;
  ann.send(requests[first]);
  expect(ann.outcome()).not.toBe('rate-limited');
  ann.send(requests[second]);
  expect(ann.outcome() === 'rate-limited').toBe(isShared);
});

// CHAT-FLOOD-2
test('who goes on while being refused is sent away, alone', () => {
  const limits = { messages: { burst: 1, perSecond: 1 }, refusals: { burst: 10, perSecond: 1 } };
  const server = new VirtualServer({ limits });
  const [ann, bob] = [server.user('ann'), server.user('bob')];
  ann.take();
  for (let count = 0; count < 50; count += 1) ann.say(`spam ${count}`);
  const messages = ann.take();
  expect(messages.filter(({ type }) => type === 'failed')).toHaveLength(10);
  expect(messages.at(-1)).toMatchObject({ type: 'goodbye', code: 'flooding', reconnectAfterMs: 10_000 });
  expect(bob.take()).toMatchObject([
    { type: 'message', text: 'spam 0' },
    { type: 'presence', left: [{ nickname: 'ann', cause: 'disconnected', reason: 'flooding' }] },
  ]);
  expect(server.notes.filter(({ name }) => name === 'session-flooding')).toHaveLength(1);
});

// CHAT-FLOOD-1
test('leaving is always possible', () => {
  const server = new VirtualServer({ limits: { requests: { burst: 2, perSecond: 0.001 } } });
  const ann = server.user('ann');
  ann.send({ type: 'leave', reason: '' });
  expect(ann.take()).toMatchObject([{ type: 'goodbye', code: 'left' }]);
});

// CHAT-FLOOD-1
test('a hundred messages at once are within the default allowance', () => {
  const ann = new VirtualServer().user('ann');
  for (let count = 0; count < 100; count += 1) ann.say(`line ${count}`);
  expect(ann.takeOnly('accepted')).toHaveLength(100);
});

// CHAT-FRAME-6
test('bytes that are not Parley end that connection alone', () => {
  const server = new VirtualServer();
  const [ann, bob] = [server.user('ann'), server.user('bob')];
  ann.take();
  const { connectionId } = ann;
  server.handle({ type: 'decode-failed', connectionId, problem: 'no message has the type byte 127' });
  expect(ann.take()).toEqual([
    {
      type: 'goodbye',
      code: 'protocol-violation',
      message: 'no message has the type byte 127',
      reconnectAfterMs: undefined,
    },
  ]);
  ann.say('ignored');
  expect(bob.take()).toMatchObject([
    { type: 'presence', left: [{ nickname: 'ann', cause: 'disconnected' }] },
  ]);
  bob.say('unharmed', messageId('unharmed'));
  expect(bob.takeOnly('accepted')).toHaveLength(1);
});

test('limits that make no sense are refused at the start', () => {
  expect(() => new VirtualServer({ limits: { pingAfterMs: 0 } })).toThrow('above 0');
  expect(() => new VirtualServer({ limits: { silenceMaxMs: 25_000 } })).toThrow('comes after the ping');
});
