import { describe, expect, test } from 'vitest';
import { HOUR_MS, loginFrom, openRoom, ROOM } from '../support/moderated-room.ts';
import { START_TIME, secretOf } from '../support/virtual-server.ts';

describe('a ban', () => {
  // CHAT-MODERATE-4, CHAT-LIST-6
  test('of who has an account keeps that user out, until it is over', () => {
    const { server, ann, bob } = openRoom();
    ann.moderate('ban', 'bob', ROOM, { durationMs: HOUR_MS, reason: 'spam' });
    const until = START_TIME + HOUR_MS;
    expect(bob.takeOnly('removed')).toMatchObject([{ isBanned: 1, until, reason: 'spam' }]);
    bob.joinRoom(ROOM);
    expect(bob.takeOnly('failed')).toMatchObject([
      { code: 'banned', message: 'you may not come into den, until 2023-11-14 23:13 UTC: spam' },
    ]);
    bob.send({ type: 'search', requestId: 1, query: `x in:${ROOM}`, cursor: undefined, limit: 0 });
    expect(bob.outcome()).toBe('room-not-found');
    const neighbour = server.guest('neighbour', '192.0.2.2');
    neighbour.joinRoom(ROOM);
    expect(neighbour.outcome()).toBe('done');
    const list = () => {
      ann.take();
      ann.send({ type: 'list-bans', requestId: 1, room: ROOM, cursor: undefined, limit: 0 });
      return ann.takeOnly('bans')[0]?.bans.map(({ target }) => target);
    };
    expect(list()).toEqual(['bob']);
    server.now += HOUR_MS;
    expect(list()).toEqual([]);
    bob.joinRoom(ROOM);
    expect(bob.outcome()).toBe('done');
  });

  // CHAT-MODERATE-4
  test('of a guest hits guests from the same address, and nobody who has an account', () => {
    const { server, ann, guest } = openRoom();
    ann.moderate('ban', 'guest', ROOM);
    guest.vanish();
    const other = server.guest('other', '192.0.2.3');
    other.joinRoom(ROOM);
    expect(other.outcome()).toBe('banned');
    const bob = loginFrom(server, 'bob', '192.0.2.3');
    bob.joinRoom(ROOM);
    expect(bob.outcome()).toBe('done');
    const elsewhere = server.guest('elsewhere', '192.0.2.4');
    elsewhere.joinRoom(ROOM);
    expect(elsewhere.outcome()).toBe('done');
  });

  // CHAT-MODERATE-4
  test('of a guest is not got round by an account that is made after it', () => {
    const { server, ann, guest } = openRoom();
    ann.moderate('ban', 'guest', ROOM);
    server.now += 1;
    guest.createAccount('guest');
    server.owner('fresh', { address: '192.0.2.3' });
    const comeFrom = (nickname: string, address: string) => {
      const client = loginFrom(server, nickname, address);
      client.joinRoom(ROOM);
      return client.outcome();
    };
    expect(comeFrom('guest', '192.0.2.3')).toBe('banned');
    expect(comeFrom('guest', '192.0.2.9')).toBe('banned');
    expect(comeFrom('fresh', '192.0.2.3')).toBe('banned');
    expect(comeFrom('fresh', '192.0.2.9')).toBe('done');
    expect(comeFrom('bob', '192.0.2.3')).toBe('done');
  });

  // CHAT-MODERATE-4
  test('of a guest, from the server, hits a newer account at its address, and no operator', () => {
    const { server, boss } = openRoom();
    boss.moderate('ban', 'guest', undefined);
    server.now += 1;
    server.owner('fresh', { address: '192.0.2.9' });
    expect(loginFrom(server, 'fresh', '192.0.2.3').outcome()).toBe('banned');
    boss.setRole('fresh', 'operator', undefined);
    expect(loginFrom(server, 'fresh', '192.0.2.3').outcome()).toBe('registered');
  });

  // CHAT-MODERATE-4
  test('from the server ends the connections, and keeps user or guests of the address out', () => {
    const { server, boss, bob, guest } = openRoom();
    boss.moderate('ban', 'bob', undefined, { durationMs: HOUR_MS, reason: 'spam' });
    boss.moderate('ban', 'guest', undefined);
    expect(bob.outcome()).toBe('banned');
    expect(guest.outcome()).toBe('banned');
    expect(loginFrom(server, 'bob').take().at(-1)).toMatchObject({
      code: 'banned',
      message: 'you may not come in, until 2023-11-14 23:13 UTC: spam',
    });
    const [again, maker] = [server.observer('192.0.2.3'), server.observer('192.0.2.3')];
    again.register('fresh', secretOf('fresh'));
    expect(again.outcome()).toBe('banned');
    maker.createAccount('fresh');
    expect(maker.outcome()).toBe('banned');
    expect(loginFrom(server, 'ann', '192.0.2.3').outcome()).toBe('registered');
  });

  // CHAT-MODERATE-4
  test('from the lobby lets a user in, but not there', () => {
    const { server, boss, bob } = openRoom();
    boss.moderate('ban', 'bob', 'lobby');
    bob.vanish();
    expect(loginFrom(server, 'bob').take()).toMatchObject([{ type: 'registered' }]);
  });

  // CHAT-MODERATE-5
  test.each([
    ['192.0.2.0/30', '192.0.2.3', '192.0.2.4', '192.0.2.0/30'],
    ['192.0.2.3', '192.0.2.3', '192.0.2.2', '192.0.2.3'],
    ['::ffff:192.0.2.3', '192.0.2.3', '192.0.2.2', '192.0.2.3'],
    ['2001:DB8::/48', '2001:db8:0:ff::/64', '2001:db8:1:ff::/64', '2001:db8::/48'],
    ['2001:db8::1', '2001:db8:0:0::/64', '2001:db8:0:1::/64', '2001:db8::/64'],
    ['2001:db8:0:1::/64', '2001:db8:0:1::/64', '2001:db8:0:2::/64', '2001:db8:0:1::/64'],
    ['::1', '0:0:0:0::/64', '0:0:0:1::/64', '::/64'],
  ])('of %s keeps %s out at the door, and not %s', (network, inside, outside, shown) => {
    const { server, boss } = openRoom();
    const here = server.guest('here', inside);
    boss.take();
    boss.moderate('ban', network, undefined, { reason: 'raid' });
    expect(here.outcome()).toBe('banned');
    const refused = server.connect(inside);
    expect(refused.take()).toMatchObject([
      { type: 'goodbye', code: 'banned', message: 'you may not come in, for good: raid' },
    ]);
    expect(server.connect(outside).isClosed).toBe(false);
    expect(server.connect().isClosed).toBe(false);
    boss.take();
    boss.send({ type: 'list-bans', requestId: 1, room: undefined, cursor: undefined, limit: 0 });
    expect(boss.takeOnly('bans')).toMatchObject([{ bans: [{ target: shown, by: 'boss' }] }]);
    boss.moderate('unban', network, undefined);
    expect(boss.outcome()).toBe('done');
    expect(server.connect(inside).isClosed).toBe(false);
  });

  // CHAT-MODERATE-5
  test.each([
    '0.0.0.0/0',
    '10.0.0.0/7',
    '::/8',
    '1.2.3',
    '1.2.3.4/33',
    '1.2.3.4/x',
    '1:2::3::4',
    '1.2.3.256',
  ])('of %s is refused with a reason', (network) => {
    const { boss, ann } = openRoom();
    boss.moderate('ban', network, undefined);
    expect(boss.outcome()).toBe('target-invalid');
    ann.moderate('ban', network, ROOM);
    expect(ann.outcome()).toBe('user-not-found');
  });

  // CHAT-MODERATE-6, CHAT-LIST-6
  test('is listed without addresses, page by page, and taken back by name or number', () => {
    const { server, ann, guest } = openRoom();
    ann.moderate('ban', 'guest', ROOM, { reason: 'spam' });
    guest.vanish();
    ann.moderate('ban', 'bob', ROOM);
    ann.take();
    const list = (cursor: string | undefined) =>
      ann.send({ type: 'list-bans', requestId: 1, room: ROOM, cursor, limit: 1 });
    list(undefined);
    const [first] = ann.takeOnly('bans');
    expect(first).toMatchObject({
      room: ROOM,
      bans: [{ banId: 1, target: 'guest', by: 'ann', reason: 'spam', time: START_TIME, until: undefined }],
      nextCursor: '1',
    });
    list(first?.nextCursor);
    expect(ann.takeOnly('bans')).toMatchObject([
      { bans: [{ banId: 2, target: 'bob' }], nextCursor: undefined },
    ]);
    list('zero');
    expect(ann.outcome()).toBe('cursor-invalid');
    const told = JSON.stringify([first, server.notes]);
    expect(told).not.toContain('192.0.2');
    ann.moderate('unban', 'GUEST', ROOM);
    expect(ann.outcome()).toBe('done');
    ann.moderate('unban', '#2', ROOM);
    expect(ann.outcome()).toBe('done');
    ann.moderate('unban', '2', ROOM);
    expect(ann.outcome()).toBe('ban-not-found');
    const again = server.guest('again', '192.0.2.3');
    again.joinRoom(ROOM);
    expect(again.outcome()).toBe('done');
  });

  // CHAT-MODERATE-6
  test('is taken back by the nickname, however it is written, before a number is thought of', () => {
    const { server, ann } = openRoom();
    server.owner('2');
    for (const nickname of ['2', 'bob']) ann.moderate('ban', nickname, ROOM);
    ann.moderate('unban', '2', ROOM);
    ann.take();
    ann.send({ type: 'list-bans', requestId: 1, room: ROOM, cursor: undefined, limit: 0 });
    expect(ann.takeOnly('bans')).toMatchObject([{ bans: [{ banId: 2, target: 'bob' }] }]);
    ann.moderate('unban', 'ＢОＢ', ROOM);
    expect(ann.outcome()).toBe('done');
  });

  // CHAT-ROLE-1
  test('makes room for another one only when it is over', () => {
    const { server, ann } = openRoom({ limits: { rolesPerPlaceMax: 3 } });
    for (const nickname of ['x', 'y', 'z']) server.owner(nickname);
    ann.take();
    ann.moderate('ban', 'x', ROOM, { durationMs: HOUR_MS });
    for (const nickname of ['y', 'z', 'bob']) ann.moderate('ban', nickname, ROOM);
    expect(ann.takeOnly('failed').map(({ code }) => code)).toEqual(['limit-reached']);
    server.now += HOUR_MS;
    ann.moderate('ban', 'bob', ROOM);
    expect(ann.outcome()).toBe('done');
    expect(server.accounts.filter(({ type }) => type === 'remove-ban')).toEqual([
      { type: 'remove-ban', banId: 1 },
    ]);
  });

  // CHAT-ROLE-1, CHAT-ACCOUNT-3
  test('counts while it is being kept', () => {
    const { server, boss } = openRoom({ limits: { rolesPerPlaceMax: 3 } });
    server.keepsSlowly = true;
    for (let count = 0; count < 5; count += 1) boss.moderate('ban', `192.0.2.${128 + count}`, undefined);
    expect(boss.takeOnly('failed').map(({ code }) => code)).toEqual(['limit-reached', 'limit-reached']);
    for (const settle of server.accountWork.splice(0)) settle();
    expect(boss.takeOnly('done')).toHaveLength(3);
    boss.moderate('unban', '192.0.2.128', undefined);
    for (const settle of server.accountWork.splice(0)) settle();
    boss.take();
    boss.moderate('ban', '192.0.2.200', undefined);
    for (const settle of server.accountWork.splice(0)) settle();
    expect(boss.outcome()).toBe('done');
  });
});

// CHAT-ACCOUNT-3, CHAT-MODERATE-1
test('what cannot be kept is not carried out', () => {
  const { server, ann, bob } = openRoom();
  server.accountTrouble = 'the disk is full';
  ann.moderate('ban', 'bob', ROOM);
  expect(ann.outcome()).toBe('not-stored');
  expect(bob.take()).toEqual([]);
  server.accountTrouble = undefined;
  bob.sayIn(ROOM, 'still here');
  expect(bob.outcome()).toBe('accepted');
});
