// Public rooms: making them, coming in, going out, and how many there are.
import { expect, test } from 'vitest';
import { START_TIME, type VirtualClient, VirtualServer } from '../support/virtual-server.ts';

const leaveRoom = (client: VirtualClient, room: string) =>
  client.send({ type: 'leave-room', requestId: 5, room, reason: '' });

// CHAT-ENTER-1
test('who comes in is told where the log stands, and hears what comes after that', () => {
  const server = new VirtualServer();
  const [ann, bob] = [server.user('ann'), server.user('bob')];
  ann.createRoom('kitchen');
  for (const text of ['one', 'two', 'three']) ann.sayIn('kitchen', text);
  bob.take();
  bob.joinRoom('kitchen');
  expect(bob.takeOnly('entered')).toMatchObject([{ room: 'kitchen', epoch: 7, first: 1, sequence: 3 }]);
  ann.sayIn('kitchen', 'four');
  expect(bob.takeOnly('message')).toMatchObject([{ room: 'kitchen', sequence: 4, text: 'four' }]);
});

// CHAT-ENTER-3, CHAT-LEFT-2
test('who goes out is told so, and hears nothing of the room after that', () => {
  const server = new VirtualServer();
  const [ann, bob] = [server.user('ann'), server.user('bob')];
  ann.createRoom('kitchen');
  bob.joinRoom('kitchen');
  for (const client of [ann, bob]) client.take();
  leaveRoom(bob, 'kitchen');
  expect(bob.take()).toEqual([{ type: 'done', requestId: 5 }]);
  const left = [{ nickname: 'bob', cause: 'left', reason: '', time: START_TIME }];
  expect(ann.take()).toEqual([{ type: 'presence', room: 'kitchen', members: 1, left, joined: [] }]);
  ann.sayIn('kitchen', 'gone?');
  server.user('cy').joinRoom('kitchen');
  expect(bob.take()).toMatchObject([{ type: 'presence', room: 'lobby' }]);
});

// CHAT-ENTER-2, CHAT-ROOM-4
test('a user is in so many public rooms, and conversations do not count', () => {
  const server = new VirtualServer({ limits: { roomsPerUserMax: 2 } });
  const [ann, bob] = [server.user('ann'), server.user('bob')];
  ann.createRoom('kitchen');
  expect(ann.outcome()).toBe('done');
  ann.createRoom('attic');
  expect(ann.outcome()).toBe('room-limit');
  bob.createRoom('attic');
  ann.joinRoom('attic');
  expect(ann.outcome()).toBe('room-limit');
  ann.joinRoom('kitchen');
  expect(ann.outcome()).toBe('done');
  ann.send({ type: 'open-direct', requestId: 1, nickname: 'bob' });
  expect(ann.outcome()).toBe('done');
  leaveRoom(ann, 'kitchen');
  ann.joinRoom('attic');
  expect(ann.outcome()).toBe('done');
});

// CHAT-ROOM-4
test('a server has so many public rooms, and a client makes them so fast', () => {
  const limits = { roomsMax: 3, newRooms: { burst: 1, perSecond: 0.1 } };
  const server = new VirtualServer({ limits });
  const [ann, bob] = [server.user('ann'), server.user('bob')];
  ann.createRoom('kitchen');
  ann.take();
  ann.createRoom('attic');
  expect(ann.take()).toMatchObject([{ code: 'rate-limited', retryAfterMs: 10_000 }]);
  server.now += 10_000;
  ann.createRoom('attic');
  expect(ann.outcome()).toBe('done');
  bob.createRoom('cellar');
  expect(bob.outcome()).toBe('room-limit');
});

// CHAT-ROOM-4
test('rooms that are being written count for how many there may be, and no longer when they could not be', () => {
  const server = new VirtualServer({ limits: { roomsMax: 3, directRoomsMax: 2, directRoomsPerUserMax: 1 } });
  const [ann, bob, cy, dan] = ['ann', 'bob', 'cy', 'dan'].map((name) => server.user(name));
  for (const client of [ann, bob, cy, dan]) client?.take();
  server.isStalled = true;
  const ask = () => {
    for (const room of ['kitchen', 'attic', 'cellar']) ann?.createRoom(room);
    for (const nickname of ['bob', 'cy']) ann?.send({ type: 'open-direct', requestId: 10, nickname });
  };
  ask();
  cy?.send({ type: 'open-direct', requestId: 11, nickname: 'dan' });
  bob?.send({ type: 'open-direct', requestId: 12, nickname: 'dan' });
  expect(ann?.takeOnly('failed').map(({ code }) => code)).toEqual(['room-limit', 'room-limit']);
  expect([cy, bob].map((client) => client?.takeOnly('failed').map(({ code }) => code))).toEqual([
    [],
    ['room-limit'],
  ]);
  server.writeTrouble = 'the disk is full';
  server.commit();
  expect(ann?.takeOnly('failed')).toHaveLength(3);
  server.writeTrouble = undefined;
  ask();
  server.commit();
  expect(ann?.takeOnly('done')).toHaveLength(3);
});

// CHAT-LIST-5
test('the list of rooms has the public ones, and no conversation, whoever asks', () => {
  const server = new VirtualServer();
  const [ann, bob] = [server.user('ann'), server.user('bob')];
  ann.send({ type: 'open-direct', requestId: 1, nickname: 'bob' });
  ann.createRoom('kitchen');
  for (const client of [ann, bob, server.observer()]) {
    client.send({ type: 'list-rooms', requestId: 2, cursor: undefined, limit: 0 });
    const names = client.takeOnly('rooms')[0]?.rooms.map(({ room }) => room);
    expect(names).toEqual(['lobby', 'kitchen']);
  }
});
