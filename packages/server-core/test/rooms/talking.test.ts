import { expect, test } from 'vitest';
import { messageId, START_TIME, secretOf, VirtualServer } from '../support/virtual-server.ts';

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
    sequence: 1,
    time: START_TIME + 10,
    from: 'ann',
    kind: 'text',
    target: 0,
    text: 'hello 🦜',
  };
  expect(ann.take()).toEqual([
    { type: 'accepted', requestId, epoch: 7, sequence: 1, time: START_TIME + 10 },
    message,
  ]);
  expect(bob.take()).toEqual([message]);
  expect(observer.take()).toEqual([]);
});

// CHAT-SAY-1
test('those who spoke at the same time are answered before the room hears all of it', () => {
  const server = new VirtualServer();
  const [ann, bob] = [server.user('ann'), server.user('bob')];
  server.isStalled = true;
  // A batch of its own; what comes meanwhile is the next one.
  const requestIds = [ann.say('first'), ann.say('one'), ann.say('three')];
  bob.say('two');
  ann.take();
  bob.take();
  server.commit();
  const [first, one, three] = requestIds.map((requestId) => ({ type: 'accepted', requestId }));
  const messages = ['one', 'three', 'two'].map((text) => ({ type: 'message', text }));
  expect(ann.take()).toMatchObject([first, { type: 'message', text: 'first' }, one, three, ...messages]);
  expect(bob.take()).toMatchObject([{ type: 'message', text: 'first' }, { type: 'accepted' }, ...messages]);
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
test('who comes later hears everything from the place named at entering on', () => {
  const server = new VirtualServer();
  const ann = server.user('ann');
  ann.say('before');
  const bob = server.observer();
  bob.send({ type: 'register', requestId: 1, nickname: 'bob', secret: secretOf('bob') });
  ann.say('after');
  expect(bob.take()).toMatchObject([
    { type: 'entered', epoch: 7, sequence: 1 },
    { type: 'registered' },
    { type: 'presence' },
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
test('a repetition is recognised after a reconnect, and a day later, though the message is forgotten', () => {
  const server = new VirtualServer({ limits: { historyMessagesMax: 3 } });
  const id = messageId('x');
  const ann = server.user('ann');
  ann.say('x', id);
  ann.vanish();
  const again = server.user('ann');
  again.say('x', id);
  expect(again.takeOnly('accepted')).toMatchObject([{ sequence: 1 }]);
  for (const text of ['a', 'b', 'c']) again.say(text);
  again.vanish();
  server.advance(86_400_000 - 1);
  expect(server.log.entryCount).toBe(3);
  const late = server.user('ann');
  late.say('x', id);
  expect(late.takeOnly('accepted')).toMatchObject([{ sequence: 1 }]);
  late.vanish();
  server.advance(120_000);
  const tooLate = server.user('ann');
  tooLate.say('x', id);
  expect(tooLate.takeOnly('accepted')).toMatchObject([{ sequence: 5 }]);
});

// CHAT-SAY-1, CHAT-TEXT-1, CHAT-TEXT-2
test.each([
  ['lobby', ' ', 'text-invalid', 'expected some text, got an empty message'],
  ['lobby', 'a\u001b[31m', 'text-invalid', 'text has no control characters except line feed and tab'],
  ['kitchen', 'hi', 'room-not-found', 'there is no such room'],
  ['\u0000', 'hi', 'room-not-found', 'there is no such room'],
])('saying to %j the text %j is refused with %s', (room, text, code, message) => {
  const server = new VirtualServer();
  const [ann, bob] = [server.user('ann'), server.user('bob')];
  ann.take();
  ann.send({ type: 'say', requestId: 1, clientMessageId: messageId('x'), room, text });
  expect(ann.take()).toEqual([{ type: 'failed', requestId: 1, code, message, retryAfterMs: undefined }]);
  expect(bob.take()).toEqual([]);
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
  const server = new VirtualServer({ operatorCode: 'c0de' });
  const boss = server.owner('boss', { invite: 'c0de' });
  boss.take();
  boss.send({ type: 'list-users', requestId: 1, room: 'kitchen', cursor: undefined, limit: 0 });
  expect(boss.outcome()).toBe('room-not-found');
  for (const cursor of ['', '0', '-1', 'abc', '1e3', '9'.repeat(20)]) {
    const page = { requestId: 1, cursor, limit: 0 } as const;
    boss.send({ type: 'list-users', room: 'lobby', ...page });
    boss.send({ type: 'list-rooms', ...page });
    boss.send({ type: 'list-bans', room: undefined, ...page });
    boss.send({ type: 'read-audit', room: undefined, ...page });
    boss.send({ type: 'search', query: 'tea', ...page });
    expect(boss.take().map((answer) => 'code' in answer && answer.code)).toEqual(
      Array(5).fill('cursor-invalid'),
    );
  }
});
