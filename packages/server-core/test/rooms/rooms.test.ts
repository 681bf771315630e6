import type { ClientMessage } from '@parley/protocol';
import { describe, expect, test } from 'vitest';
import {
  messageId,
  START_TIME,
  secretOf,
  type VirtualClient,
  VirtualServer,
} from '../support/virtual-server.ts';

const create = (room: string): ClientMessage => ({ type: 'create-room', requestId: 2, room, topic: 'tea' });
const join = (room: string): ClientMessage => ({ type: 'join-room', requestId: 3, room });
const sayIn = (room: string, text: string): ClientMessage => ({
  type: 'say',
  requestId: 4,
  clientMessageId: messageId(text),
  room,
  text,
});
const codes = (client: VirtualClient) => client.takeOnly('failed').map(({ code }) => code);

describe('a room', () => {
  // CHAT-ROOM-4, CHAT-ENTER-2, CHAT-LIST-5, CHAT-SAY-1
  test('is made, listed, joined twice, and talked in by its members alone', () => {
    const server = new VirtualServer();
    const [ann, bob, cy] = [server.user('ann'), server.user('bob'), server.user('cy')];
    for (const user of [ann, bob, cy]) user.take();
    ann.send(create('kitchen'));
    expect(ann.take()).toMatchObject([
      { type: 'entered', room: 'kitchen', topic: 'tea' },
      { type: 'done' },
      {},
    ]);
    bob.send(create('Kitchen'));
    expect(codes(bob)).toEqual(['room-exists']);
    // CHAT-ROOM-2
    for (const name of ['@kitchen', `@${'0'.repeat(32)}`]) bob.send(create(name));
    expect(codes(bob)).toEqual(['room-name-invalid', 'room-name-invalid']);
    for (const times of [1, 2]) {
      bob.send(join('KITCHEN'));
      expect(bob.take().slice(0, 2)).toMatchObject([{ type: 'entered', members: 2 }, { type: 'done' }]);
      expect(times).toBeLessThan(3);
    }
    bob.send(sayIn('kitchen', 'hot'));
    expect(ann.takeOnly('message')).toMatchObject([{ room: 'kitchen', sequence: 1, text: 'hot' }]);
    expect(cy.takeOnly('message')).toEqual([]);
    cy.send(sayIn('kitchen', 'me too'));
    expect(codes(cy)).toEqual(['not-in-room']);
    cy.send({ type: 'list-rooms', requestId: 5, cursor: undefined, limit: 1 });
    const [page] = cy.takeOnly('rooms');
    expect(page).toMatchObject({ rooms: [{ room: 'lobby', members: 3 }], nextCursor: '1' });
    cy.send({ type: 'list-rooms', requestId: 5, cursor: page?.nextCursor, limit: 1 });
    expect(cy.takeOnly('rooms')).toMatchObject([{ rooms: [{ room: 'kitchen', topic: 'tea', sequence: 1 }] }]);
  });

  // CHAT-ROLE-1
  test('has its owner also when that one was cut off before the room was durable', () => {
    const server = new VirtualServer();
    const ann = server.owner('ann');
    server.isStalled = true;
    ann.send(create('kitchen'));
    server.handle({ type: 'connection-closed', connectionId: ann.connectionId, detail: 'cut' });
    server.isStalled = false;
    server.commit();
    const back = server.observer();
    back.login('ann');
    back.send(join('kitchen'));
    back.take();
    back.send({ type: 'list-roles', requestId: 8, room: 'kitchen' });
    expect(back.takeOnly('roles')).toMatchObject([{ roles: [{ nickname: 'ann', role: 'owner' }] }]);
  });

  // CHAT-ENTER-3, CHAT-TOPIC-1, CHAT-LOG-2
  test('is left, and tells its topic in its log', () => {
    const server = new VirtualServer();
    const [ann, bob] = [server.user('ann'), server.user('bob')];
    const topic = (text: string): ClientMessage => ({
      type: 'set-topic',
      requestId: 6,
      clientMessageId: messageId(text),
      room: 'lobby',
      topic: text,
    });
    bob.take();
    ann.send(topic('two\nlines'));
    expect(codes(ann)).toEqual(['topic-invalid']);
    ann.send(topic('news'));
    expect(bob.takeOnly('message')).toMatchObject([{ kind: 'topic', text: 'news', sequence: 1 }]);
    ann.send(topic(''));
    expect(bob.takeOnly('message')).toMatchObject([{ kind: 'topic', text: undefined, sequence: 2 }]);
    expect(server.log.rooms()).toMatchObject([{ topic: '' }]);
    bob.send({ type: 'leave-room', requestId: 7, room: 'lobby', reason: '' });
    bob.take();
    ann.say('gone?');
    expect(bob.take()).toEqual([]);
  });
});

// CHAT-DIRECT-1, CHAT-DIRECT-2, CHAT-ROOM-2, CHAT-ROOM-3, CHAT-REGISTER-3, CHAT-LIST-1
test('a conversation of two is theirs alone, outlives connections, and is entered again by itself', () => {
  const server = new VirtualServer();
  const [ann, bob, cy] = [server.user('ann'), server.user('bob'), server.user('cy')];
  for (const user of [ann, bob, cy]) user.take();
  ann.send({ type: 'open-direct', requestId: 8, nickname: 'BOB' });
  const [entered] = ann.takeOnly('entered');
  const room = entered?.room ?? '';
  expect(room).toMatch(/^@[0-9a-f]{32}$/);
  expect(entered).toMatchObject({ kind: 'direct', peer: 'bob' });
  expect(bob.takeOnly('entered')).toMatchObject([{ room, peer: 'ann' }]);
  ann.send({ type: 'open-direct', requestId: 8, nickname: 'bob' });
  expect(ann.take().map(({ type }) => type)).toEqual(['entered', 'done']);
  expect(bob.takeOnly('entered')).toEqual([]);
  ann.send(sayIn(room, 'psst'));
  expect(bob.takeOnly('message')).toMatchObject([{ room, from: 'ann', text: 'psst' }]);
  cy.send(join(room));
  cy.send(sayIn(room, 'hello?'));
  cy.send({ type: 'search', requestId: 1, query: `psst in:${room}`, cursor: undefined, limit: 0 });
  expect(codes(cy)).toEqual(['room-not-found', 'room-not-found', 'room-not-found']);
  // CHAT-TOPIC-1
  ann.send({ type: 'set-topic', requestId: 6, clientMessageId: messageId('topic'), room, topic: 'us' });
  expect(codes(ann)).toEqual(['topic-invalid']);
  const users = { type: 'list-users', requestId: 1, room, cursor: undefined, limit: 0 } as const;
  bob.send({ type: 'leave-room', requestId: 5, room, reason: '' });
  for (const user of [bob, cy, server.observer()]) {
    user.take();
    user.send(users);
    expect(codes(user)).toEqual([user === bob ? 'not-in-room' : 'room-not-found']);
  }
  bob.vanish();
  ann.send({ type: 'open-direct', requestId: 9, nickname: 'bob' });
  expect(ann.takeOnly('done')).toHaveLength(1);
  ann.send({ type: 'open-direct', requestId: 9, nickname: 'nobody' });
  expect(codes(ann)).toEqual(['user-not-found']);
  ann.send(sayIn(room, 'are you back?'));
  const again = server.observer();
  again.register('bob');
  expect(again.takeOnly('entered')).toMatchObject([{ room: 'lobby' }, { room, sequence: 2 }]);
  const impostor = server.observer();
  again.vanish();
  impostor.register('bob', secretOf('somebody else'));
  expect(impostor.takeOnly('entered')).toMatchObject([{ room: 'lobby' }]);
});

// CHAT-PRESENCE-1
test('a hundred arrivals in a second are one message to each member, and passers-by are in none', () => {
  const server = new VirtualServer({ limits: { presenceIntervalMs: 1_000 } });
  const ann = server.user('ann');
  server.advance(5_000);
  ann.take();
  const users = Array.from({ length: 100 }, (_, index) => server.user(`user${index}`));
  for (const user of users.slice(50)) user.vanish();
  server.advance(999);
  expect(ann.takeOnly('presence')).toMatchObject([{ joined: [{ nickname: 'user0' }], members: 2 }]);
  server.advance(1);
  const [told, ...more] = ann.takeOnly('presence');
  expect(told?.joined).toHaveLength(49);
  expect(told).toMatchObject({ members: 51, left: [] });
  expect(more).toEqual([]);
});

// CHAT-REGISTER-4
test('who comes back with its secret takes the place of its older connection', () => {
  const server = new VirtualServer();
  const ann = server.user('ann');
  server.user('ann');
  expect(ann.take().at(-1)).toMatchObject({ type: 'goodbye', code: 'replaced', reconnectAfterMs: undefined });
  expect(server.server.statistics()).toMatchObject({ sessions: 1, registered: 1, members: 1 });
});

describe('the log', () => {
  // CHAT-LOG-1, CHAT-LOG-3
  test('nobody hears of a message before it is durable, and a batch gathers meanwhile', () => {
    const server = new VirtualServer();
    const [ann, bob] = [server.user('ann'), server.user('bob')];
    for (const user of [ann, bob]) user.take();
    server.isStalled = true;
    for (const text of ['a', 'b', 'c']) ann.say(text);
    expect([ann.take(), bob.take()]).toEqual([[], []]);
    expect(server.writes.map(({ operations }) => operations.length)).toEqual([1]);
    server.commit();
    expect(ann.takeOnly('accepted').map(({ sequence }) => sequence)).toEqual([1, 2, 3]);
    expect(bob.takeOnly('message').map(({ text }) => text)).toEqual(['a', 'b', 'c']);
  });

  // CHAT-LOG-3
  test('nobody who comes, or asks for the rooms, hears of a message before it is durable', () => {
    const server = new VirtualServer();
    const [ann, bob] = [server.user('ann'), server.observer()];
    server.isStalled = true;
    ann.say('a');
    bob.register('bob');
    bob.send({ type: 'list-rooms', requestId: 5, cursor: undefined, limit: 0 });
    bob.send({
      type: 'read-history',
      requestId: 6,
      room: 'lobby',
      direction: 'after',
      epoch: 0,
      sequence: 0,
      limit: 0,
    });
    const answers = bob.take();
    expect(answers.find(({ type }) => type === 'entered')).toMatchObject({ sequence: 0 });
    expect(answers.find(({ type }) => type === 'rooms')).toMatchObject({ rooms: [{ sequence: 0 }] });
    expect(answers.find(({ type }) => type === 'history')).toMatchObject({ last: 0, entries: [] });
    server.commit();
    expect(bob.takeOnly('message')).toMatchObject([{ sequence: 1, text: 'a' }]);
  });

  // CHAT-LOG-3
  test('a message that could not be written is refused, and its number goes to the next one', () => {
    const server = new VirtualServer();
    const [ann, bob] = [server.user('ann'), server.user('bob')];
    for (const user of [ann, bob]) user.take();
    server.writeTrouble = 'the disk is full';
    ann.say('lost');
    expect(ann.take()).toMatchObject([
      { type: 'failed', code: 'not-stored', message: 'the disk is full', retryAfterMs: 1_000 },
    ]);
    server.writeTrouble = undefined;
    ann.say('kept');
    expect(bob.takeOnly('message')).toMatchObject([{ sequence: 1, text: 'kept' }]);
  });

  // CHAT-LOG-2, CHAT-LOG-5, CHAT-EDIT-1, CHAT-HISTORY-1, CHAT-HISTORY-2, CHAT-HISTORY-4
  test('is read both ways, changed by its authors alone, and forgotten from its beginning', () => {
    const server = new VirtualServer({ limits: { historyMessagesMax: 6, silenceMaxMs: 10_000_000 } });
    const [ann, bob] = [server.user('ann'), server.user('bob')];
    for (const text of ['a', 'b', 'c', 'd', 'e']) ann.say(text);
    const change = { requestId: 9, room: 'lobby', sequence: 4 } as const;
    bob.send({ type: 'delete', ...change, clientMessageId: messageId('not mine') });
    expect(codes(bob)).toEqual(['not-author']);
    ann.take();
    ann.send({ type: 'edit', ...change, clientMessageId: messageId('nothing'), text: ' ' });
    expect(codes(ann)).toEqual(['text-invalid']);
    ann.send({ type: 'edit', ...change, clientMessageId: messageId('edit'), text: 'D' });
    ann.send({ type: 'delete', ...change, clientMessageId: messageId('delete') });
    ann.send({ type: 'delete', ...change, clientMessageId: messageId('again') });
    expect(codes(ann)).toEqual(['message-not-found']);
    expect(server.log.audit.map(({ kind, oldText }) => [kind, oldText])).toEqual([
      ['edit', 'd'],
      ['delete', 'D'],
    ]);
    server.advance(61_000);
    const read = (direction: 'after' | 'before', sequence: number, epoch = 7) => {
      bob.take();
      bob.send({ type: 'read-history', requestId: 1, room: 'lobby', direction, epoch, sequence, limit: 3 });
      return bob.takeOnly('history')[0];
    };
    expect(read('after', 0)).toMatchObject({
      first: 2,
      last: 7,
      entries: [{ text: 'b' }, { text: 'c' }, {}],
    });
    expect(read('after', 3)?.entries[0]).toMatchObject({
      sequence: 4,
      text: undefined,
      editedAt: START_TIME,
    });
    expect(read('before', 4)?.entries.map(({ sequence }) => sequence)).toEqual([2, 3]);
    expect(read('after', 6, 8)?.entries[0]).toMatchObject({ sequence: 2 });
    expect(read('after', 7)?.entries).toEqual([]);
  });

  // CHAT-HISTORY-1, CHAT-HISTORY-2
  test('is read page by page, of whichever epoch there is', () => {
    const server = new VirtualServer();
    const [ann, bob] = [server.user('ann'), server.user('bob')];
    for (let count = 1; count <= 61; count += 1) ann.say(`message ${count}`);
    const read = (direction: 'after' | 'before', sequence: number, limit: number) => {
      const place = { direction, epoch: 0, sequence, limit } as const;
      bob.take();
      bob.send({ type: 'read-history', requestId: 1, room: 'lobby', ...place });
      return bob.takeOnly('history')[0]?.entries.map((entry) => entry.sequence) ?? [];
    };
    const page = Array.from({ length: 60 }, (_, index) => index + 1);
    for (const limit of [0, 61, 65_535]) expect(read('after', 0, limit)).toEqual(page);
    expect(read('after', 60, 0)).toEqual([61]);
    expect(read('before', 61, 0)).toEqual(page);
    expect(read('before', 61, 2)).toEqual([59, 60]);
  });

  // CHAT-SEARCH-1, CHAT-SEARCH-2, CHAT-SEARCH-3
  test('is searched by words and filters', () => {
    const server = new VirtualServer();
    const [ann, bob] = [server.user('ann'), server.user('bob')];
    ann.say('Café is open');
    bob.say('the cafe file:"menu of today.pdf"');
    const search = (query: string) => {
      bob.take();
      bob.send({ type: 'search', requestId: 1, query, cursor: undefined, limit: 0 });
      const [answer] = bob.take();
      if (answer?.type === 'failed') return answer.code;
      return answer?.type === 'search-results' ? answer.hits.map(({ sequence }) => sequence) : undefined;
    };
    expect(search('cafe')).toEqual([2, 1]);
    expect(search('CAFÉ from:Ann')).toEqual([1]);
    expect(search('cafe has:file')).toEqual([2]);
    expect(search('cafe open in:lobby')).toEqual([1]);
    expect(search('cafe before:2023-11-14')).toEqual([]);
    expect(search('cafe after:2023-11-14 before:2023-11-15')).toEqual([2, 1]);
    expect(search('cafe in:nowhere')).toBe('room-not-found');
    expect(search('before:2023-02-29')).toBe('query-invalid');
    expect(search('cafe has:tea')).toBe('query-invalid');
    expect(search('')).toBe('query-invalid');
    for (const query of [
      'cafe from:',
      'cafe from: Ann',
      'in: lobby',
      'has:',
      'before: 2023-11-14',
      'after:',
    ]) {
      expect(search(query), query).toBe('query-invalid');
    }
    expect(search('cafe "from:"')).toEqual([]);
  });

  // CHAT-SEARCH-1, CHAT-SEARCH-3
  test('is searched where the client is, or in the public room that it names', () => {
    const server = new VirtualServer();
    const [ann, bob] = [server.user('ann'), server.user('bob')];
    ann.send(create('kitchen'));
    ann.send({ type: 'open-direct', requestId: 1, nickname: 'bob' });
    const { room = '' } = bob.takeOnly('entered').find(({ kind }) => kind === 'direct') ?? {};
    for (const place of ['lobby', 'kitchen', room]) ann.sayIn(place, 'tea');
    const found = (query: string) => {
      bob.take();
      bob.send({ type: 'search', requestId: 1, query, cursor: undefined, limit: 0 });
      return bob.takeOnly('search-results')[0]?.hits.map((hit) => hit.room);
    };
    expect(found('tea')).toEqual([room, 'lobby']);
    expect(found('tea in:kitchen')).toEqual(['kitchen']);
    bob.send({ type: 'leave-room', requestId: 2, room, reason: '' });
    expect(found('tea')).toEqual(['lobby']);
    expect(found('tea in:@ann')).toEqual([room]);
  });

  // CHAT-READ-1
  test('who is taken into a conversation by the other one, or opens it again, is told how far they have read', () => {
    const server = new VirtualServer();
    const [ann, bob] = [server.user('ann'), server.user('bob')];
    const open = () => ann.send({ type: 'open-direct', requestId: 1, nickname: 'bob' });
    open();
    const { room = '' } = bob.takeOnly('entered').find(({ kind }) => kind === 'direct') ?? {};
    ann.sayIn(room, 'read this');
    for (const user of [ann, bob]) {
      user.send({ type: 'mark-read', requestId: 2, room, sequence: 1 });
      user.send({ type: 'leave-room', requestId: 3, room, reason: '' });
      user.take();
    }
    open();
    for (const user of [ann, bob])
      expect(user.takeOnly('read-marker')).toEqual([{ type: 'read-marker', room, sequence: 1 }]);
  });

  // CHAT-READ-1
  test('remembers up to where a user has read, and never back', () => {
    const server = new VirtualServer();
    const ann = server.user('ann');
    for (const text of ['a', 'b', 'c']) ann.say(text);
    const mark = (client: VirtualClient, sequence: number) => {
      client.take();
      client.send({ type: 'mark-read', requestId: 1, room: 'lobby', sequence });
      return client.outcome();
    };
    expect([2, 1, 0].map((sequence) => mark(ann, sequence))).toEqual(['done', 'done', 'done']);
    ann.vanish();
    const again = server.observer();
    again.register('ann');
    expect(again.takeOnly('read-marker')).toEqual([{ type: 'read-marker', room: 'lobby', sequence: 2 }]);
    expect(mark(again, 99)).toBe('done');
    again.vanish();
    const later = server.observer();
    later.register('ann');
    expect(later.takeOnly('read-marker')).toEqual([{ type: 'read-marker', room: 'lobby', sequence: 3 }]);
  });
});
