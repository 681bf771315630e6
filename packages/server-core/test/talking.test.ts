import { expect, test } from 'vitest';
import { messageId, START_TIME, VirtualServer } from './support/virtual-server.ts';

// CHAT-SAY-1, CHAT-REQUEST-1
test('a message is accepted and goes to everybody in the room, the sender too', () => {
  const server = new VirtualServer();
  const [ann, bob] = [server.user('ann'), server.user('bob')];
  const observer = server.observer();
  ann.take();
  server.advance(10);
  const requestId = ann.say('hello 🦜');
  const message = {
    type: 'message',
    room: 'lobby',
    epoch: 7,
    sequence: 1,
    time: START_TIME + 10,
    from: 'ann',
    text: 'hello 🦜',
    clientMessageId: messageId('hello 🦜'),
  };
  expect(ann.take()).toEqual([
    { type: 'accepted', requestId, epoch: 7, sequence: 1, time: START_TIME + 10 },
    message,
  ]);
  expect(bob.take()).toEqual([message]);
  expect(observer.take()).toEqual([]);
});

// CHAT-SAY-2, CHAT-SAY-3
test('everybody sees one order, numbered without a gap', () => {
  const server = new VirtualServer();
  const users = ['ann', 'bob', 'cy'].map((name) => server.user(name));
  for (const user of users) user.take();
  for (let round = 0; round < 5; round += 1) {
    for (const [index, user] of users.entries()) user.say(`${index}:${round}`);
  }
  const views = users.map((user) => user.takeOnly('message'));
  expect(views[0]?.map(({ sequence }) => sequence)).toEqual(
    Array.from({ length: 15 }, (_, index) => index + 1),
  );
  expect(views[1]).toEqual(views[0]);
  expect(views[2]).toEqual(views[0]);
});

// CHAT-SAY-2
test('who comes later hears everything from the place named at registering on', () => {
  const server = new VirtualServer();
  const ann = server.user('ann');
  ann.say('before');
  const bob = server.observer();
  bob.send({ type: 'register', requestId: 1, nickname: 'bob' });
  ann.say('after');
  expect(bob.take()).toMatchObject([
    { type: 'registered', epoch: 7, sequence: 1 },
    { type: 'message', sequence: 2, text: 'after' },
  ]);
});

// CHAT-SAY-4
test('a repeated message is answered with its first place and not sent again', () => {
  const server = new VirtualServer();
  const [ann, bob] = [server.user('ann'), server.user('bob')];
  ann.take();
  const id = messageId('once');
  ann.say('once', id);
  server.advance(100);
  const requestId = ann.say('once', id);
  expect(ann.takeOnly('accepted')).toEqual([
    expect.objectContaining({ sequence: 1 }),
    { type: 'accepted', requestId, epoch: 7, sequence: 1, time: START_TIME },
  ]);
  expect(bob.takeOnly('message')).toHaveLength(1);
  // Another sender's message under the same id is another message.
  bob.say('once', id);
  expect(ann.takeOnly('message')).toMatchObject([{ from: 'bob', sequence: 2 }]);
});

// CHAT-SAY-4
test('a repetition is recognised after a reconnect, and forgotten with the message', () => {
  const server = new VirtualServer({ limits: { historyMessagesMax: 3 } });
  const id = messageId('x');
  server.user('ann').say('x', id);
  expect(server.server.statistics()).toMatchObject({ sessions: 1, historyMessages: 1 });
  server.handle({ type: 'stop', message: '', reconnectAfterMs: undefined });

  const other = new VirtualServer({ limits: { historyMessagesMax: 3 } });
  const ann = other.user('ann');
  ann.say('x', id);
  ann.vanish();
  const again = other.user('ann');
  again.say('x', id);
  expect(again.takeOnly('accepted')).toMatchObject([{ sequence: 1 }]);
  for (const text of ['a', 'b', 'c']) again.say(text);
  expect(other.server.statistics().historyMessages).toBe(3);
  again.say('x', id);
  expect(again.takeOnly('accepted').at(-1)).toMatchObject({ sequence: 5 });
});

// CHAT-SAY-1, CHAT-TEXT-1, CHAT-TEXT-2
test.each([
  ['lobby', ' ', 'text-invalid', 'expected some text, got an empty message'],
  ['lobby', 'a\u001b[31m', 'text-invalid', 'text has no control characters except line feed and tab'],
  ['kitchen', 'hi', 'room-not-found', 'there is no such room here, only lobby'],
  ['\u0000', 'hi', 'room-not-found', 'there is no such room here, only lobby'],
])('saying to %j the text %j is refused with %s', (room, text, code, message) => {
  const server = new VirtualServer();
  const [ann, bob] = [server.user('ann'), server.user('bob')];
  ann.take();
  ann.send({ type: 'say', requestId: 1, clientMessageId: messageId('x'), room, text });
  expect(ann.take()).toEqual([{ type: 'failed', requestId: 1, code, message, retryAfterMs: undefined }]);
  expect(bob.take()).toEqual([]);
});

// CHAT-DIRECT-1
test('a direct message goes to one user and back to its sender', () => {
  const server = new VirtualServer();
  const [ann, bob, cy] = [server.user('ann'), server.user('Bob'), server.user('cy')];
  for (const user of [ann, bob, cy]) user.take();
  const clientMessageId = messageId('psst');
  ann.send({ type: 'direct', requestId: 4, clientMessageId, nickname: 'bob', text: 'psst' });
  const message = {
    type: 'direct-message',
    time: START_TIME,
    from: 'ann',
    to: 'Bob',
    text: 'psst',
    clientMessageId,
  };
  expect(ann.take()).toEqual([
    { type: 'accepted', requestId: 4, epoch: 0, sequence: 0, time: START_TIME },
    message,
  ]);
  expect(bob.take()).toEqual([message]);
  expect(cy.take()).toEqual([]);
  ann.send({ type: 'direct', requestId: 5, clientMessageId, nickname: 'ann', text: 'note to self' });
  expect(ann.takeOnly('direct-message')).toHaveLength(1);
});

// CHAT-DIRECT-2
test('a direct message to somebody who has gone is refused', () => {
  const server = new VirtualServer();
  const [ann, bob] = [server.user('ann'), server.user('bob')];
  const direct = {
    type: 'direct',
    requestId: 4,
    clientMessageId: messageId('x'),
    text: 'still there?',
  } as const;
  bob.send({ type: 'leave', reason: '' });
  ann.take();
  ann.send({ ...direct, nickname: 'bob' });
  ann.send({ ...direct, nickname: 'a b' });
  expect(ann.take()).toMatchObject([
    { type: 'failed', requestId: 4, code: 'user-not-found', message: 'bob is not here' },
    { type: 'failed', requestId: 4, code: 'user-not-found' },
  ]);
});

// CHAT-LIST-1
test('the users are listed in the order of joining, also to who is not registered', () => {
  const server = new VirtualServer();
  server.user('ann');
  server.advance(5);
  server.user('bob').vanish();
  server.user('cy');
  const observer = server.observer();
  observer.send({ type: 'list-users', requestId: 8, room: 'LOBBY', cursor: undefined, limit: 0 });
  expect(observer.take()).toEqual([
    {
      type: 'users',
      requestId: 8,
      room: 'lobby',
      users: [
        { nickname: 'ann', joinedAt: START_TIME },
        { nickname: 'cy', joinedAt: START_TIME + 5 },
      ],
      nextCursor: undefined,
    },
  ]);
});

// CHAT-LIST-1
test('pages of users have everybody once who stays, whoever comes and goes meanwhile', () => {
  const server = new VirtualServer();
  const users = Array.from({ length: 25 }, (_, index) => server.user(`user${index}`));
  const observer = server.observer();
  const names: string[] = [];
  let cursor: string | undefined;
  do {
    observer.send({ type: 'list-users', requestId: 1, room: 'lobby', cursor, limit: 10 });
    const [page] = observer.takeOnly('users');
    names.push(...(page?.users ?? []).map(({ nickname }) => nickname));
    cursor = page?.nextCursor;
    users.shift()?.vanish();
    if (names.length < 20) users.push(server.user(`late${names.length}`));
  } while (cursor !== undefined);
  expect(new Set(names).size).toBe(names.length);
  expect(names).toEqual([...Array.from({ length: 25 }, (_, index) => `user${index}`), 'late10']);
});

// CHAT-LIST-3
test('an unknown room and a made-up cursor are refused', () => {
  const observer = new VirtualServer().observer();
  observer.send({ type: 'list-users', requestId: 1, room: 'kitchen', cursor: undefined, limit: 0 });
  for (const cursor of ['', '0', '-1', 'abc', '1e3', '9'.repeat(20)]) {
    observer.send({ type: 'list-users', requestId: 1, room: 'lobby', cursor, limit: 0 });
  }
  const codes = observer.takeOnly('failed').map(({ code }) => code);
  expect(codes).toEqual(['room-not-found', ...Array(6).fill('cursor-invalid')]);
});
