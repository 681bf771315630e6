import { expect, test } from 'vitest';
import { secretOf, type VirtualClient, VirtualServer } from '../support/virtual-server.ts';

/** Ann, here with so many devices, and Bob who looks on. */
function open(devices: number, options: ConstructorParameters<typeof VirtualServer>[0] = {}) {
  const server = new VirtualServer(options);
  const bob = server.user('bob');
  const first = server.owner('ann');
  const others = Array.from({ length: devices - 1 }, (_, index) => device(server, `device ${index}`));
  for (const client of [bob, first, ...others]) client.take();
  return { server, bob, first, others };
}

function device(server: VirtualServer, name: string): VirtualClient {
  const client = server.observer();
  client.login('ann', undefined, secretOf(name));
  return client;
}

// CHAT-DEVICE-1, CHAT-DEVICE-2
test('several devices of an account are one user to the others', () => {
  const { server, bob, first, others } = open(3);
  expect(server.server.statistics()).toMatchObject({ sessions: 4, registered: 2, members: 2 });
  bob.send({ type: 'list-users', requestId: 1, room: 'lobby', cursor: undefined, limit: 0 });
  expect(bob.takeOnly('users')[0]?.users.map(({ nickname }) => nickname)).toEqual(['bob', 'ann']);
  first.vanish();
  others[0]?.vanish();
  expect(bob.take()).toEqual([]);
  others[1]?.vanish();
  expect(bob.takeOnly('presence')).toMatchObject([{ members: 1, left: [{ nickname: 'ann' }] }]);
  expect(server.notes.filter(({ name }) => name === 'user-left')).toHaveLength(1);
});

// CHAT-DEVICE-3
test('what one device says and reads, the others hear of', () => {
  const { first, others } = open(2);
  const [second] = others as [VirtualClient];
  first.say('from the phone');
  expect(second.takeOnly('message')).toMatchObject([{ from: 'ann', text: 'from the phone' }]);
  second.send({ type: 'mark-read', requestId: 1, room: 'lobby', sequence: 1 });
  expect(first.takeOnly('read-marker')).toEqual([{ type: 'read-marker', room: 'lobby', sequence: 1 }]);
  expect(second.take()).toEqual([{ type: 'done', requestId: 1 }]);
});

// CHAT-DEVICE-2
test('a conversation is opened on all devices of both, a room on the one that entered it', () => {
  const { server, bob, first, others } = open(2);
  bob.send({ type: 'open-direct', requestId: 8, nickname: 'ann' });
  for (const client of [first, ...others]) {
    expect(client.takeOnly('entered')).toMatchObject([{ kind: 'direct', peer: 'bob' }]);
  }
  first.send({ type: 'create-room', requestId: 2, room: 'kitchen', topic: '' });
  expect(first.takeOnly('entered')).toMatchObject([{ room: 'kitchen', members: 1 }]);
  expect(others[0]?.take()).toEqual([]);
  const later = device(server, 'later');
  expect(later.takeOnly('entered').map(({ kind }) => kind)).toEqual(['public', 'direct']);
});

// CHAT-DEVICE-1
test('of two connections of a device the newer one stays, however long their passwords took to check', () => {
  const { server } = open(1);
  server.hashesSlowly = true;
  const [older, newer] = [device(server, 'phone'), device(server, 'phone')];
  const [checkOlder, checkNewer] = server.passwordWork;
  checkNewer?.();
  checkOlder?.();
  expect([older.outcome(), newer.outcome()]).toEqual(['replaced', 'registered']);
  expect([older.isClosed, newer.isClosed]).toEqual([true, false]);
});

// CHAT-DEVICE-1
test('a device that comes back takes the place of its dead connection at once, and of no other', () => {
  const { server, bob, first, others } = open(2);
  const back = device(server, 'device 0');
  expect(others[0]?.take()).toMatchObject([
    { type: 'goodbye', code: 'replaced', reconnectAfterMs: undefined },
  ]);
  expect([first.isClosed, back.isClosed]).toEqual([false, false]);
  expect(bob.take()).toEqual([]);
});

// CHAT-DEVICE-1
test('of too many devices the one that was silent the longest makes room', () => {
  const { server, first, others } = open(3, { limits: { devicesPerUserMax: 3 } });
  server.advance(10);
  first.send({ type: 'ping', nonce: 1 });
  others[1]?.send({ type: 'ping', nonce: 1 });
  device(server, 'one more');
  expect([first.isClosed, others[0]?.isClosed, others[1]?.isClosed]).toEqual([false, true, false]);
});

// CHAT-REGISTER-4
test('a guest who made an account can be here with another device too', () => {
  const server = new VirtualServer();
  const guest = server.user('ann');
  guest.createAccount('ann');
  const other = device(server, 'another');
  expect([guest.isClosed, other.takeOnly('registered').length]).toEqual([false, 1]);
});
