import { describe, expect, test } from 'vitest';
import { START_TIME, secretOf, type VirtualClient, VirtualServer } from '../support/virtual-server.ts';

const HOUR_MS = 3_600_000;
const ROOM = 'den';

/** A boss who operates the server, Ann who owns a room, Bob with an account, and a guest. All are in the room. */
function open(options: ConstructorParameters<typeof VirtualServer>[0] = {}) {
  const server = new VirtualServer({ operatorCode: 'c0de', ...options });
  const boss = server.owner('boss', { invite: 'c0de' });
  const ann = server.owner('ann', { address: '192.0.2.1' });
  const bob = server.owner('bob', { address: '192.0.2.2' });
  const guest = server.guest('guest', '192.0.2.3');
  ann.createRoom(ROOM);
  for (const client of [boss, bob, guest]) client.joinRoom(ROOM);
  for (const client of [boss, ann, bob, guest]) client.take();
  return { server, boss, ann, bob, guest };
}

function loginFrom(server: VirtualServer, nickname: string, address?: string): VirtualClient {
  const client = server.observer(address);
  client.login(nickname);
  return client;
}

describe('kick', () => {
  // CHAT-MODERATE-1, CHAT-MODERATE-2, CHAT-LEFT-2
  test('takes a user out of the room on all devices, who may come back', () => {
    const { server, ann, bob } = open();
    const second = loginFrom(server, 'bob');
    second.joinRoom(ROOM);
    for (const client of [ann, bob, second]) client.take();
    ann.moderate('kick', 'BOB', ROOM, { reason: 'too\u0007loud' });
    for (const client of [bob, second]) {
      expect(client.takeOnly('removed')).toEqual([
        { type: 'removed', room: ROOM, by: 'ann', reason: 'too loud', isBanned: 0, until: undefined },
      ]);
    }
    expect(ann.takeOnly('presence')).toMatchObject([
      { members: 3, left: [{ nickname: 'bob', cause: 'removed', reason: 'too loud' }] },
    ]);
    bob.sayIn(ROOM, 'hello?');
    expect(bob.outcome()).toBe('not-in-room');
    bob.joinRoom(ROOM);
    expect(bob.outcome()).toBe('done');
    expect(server.notes.at(-1)).toMatchObject({ name: 'decreed', by: 'ann', action: 'kick', target: 'bob' });
  });

  // CHAT-MODERATE-2
  test('from the server ends all connections', () => {
    const { server, boss, ann, bob } = open();
    const second = loginFrom(server, 'bob');
    ann.take();
    boss.moderate('kick', 'bob', undefined, { reason: 'go' });
    for (const client of [bob, second]) {
      expect(client.take().at(-1)).toMatchObject({
        type: 'goodbye',
        code: 'kicked',
        message: 'sent away by boss: go',
        reconnectAfterMs: undefined,
      });
    }
    expect(ann.takeOnly('presence').at(-1)).toMatchObject({ left: [{ nickname: 'bob', cause: 'removed' }] });
    expect(loginFrom(server, 'bob').outcome()).toBe('registered');
  });

  // CHAT-MODERATE-1
  test('nobody can be kicked who does not exist', () => {
    const { ann } = open();
    ann.moderate('kick', 'zed', ROOM);
    expect(ann.outcome()).toBe('user-not-found');
    ann.moderate('kick', 'bob', 'nowhere');
    expect(ann.outcome()).toBe('room-not-found');
  });
});

describe('mute', () => {
  // CHAT-MODERATE-3
  test('lets a user read and not write, until it is over or taken back', () => {
    const { server, ann, bob } = open();
    ann.moderate('mute', 'bob', ROOM, { durationMs: HOUR_MS, reason: 'caps' });
    const until = START_TIME + HOUR_MS;
    expect(bob.takeOnly('muted')).toEqual([
      { type: 'muted', room: ROOM, isMuted: 1, by: 'ann', reason: 'caps', until },
    ]);
    bob.sayIn(ROOM, 'hey');
    expect(bob.outcome()).toBe('muted');
    bob.sayIn('lobby', 'hey');
    expect(bob.outcome()).toBe('accepted');
    ann.sayIn(ROOM, 'quiet now');
    expect(bob.takeOnly('message')).toHaveLength(1);
    server.now += HOUR_MS;
    bob.sayIn(ROOM, 'back');
    expect(bob.outcome()).toBe('accepted');
    ann.moderate('mute', 'bob', ROOM);
    ann.moderate('unmute', 'bob', ROOM);
    expect(bob.takeOnly('muted').map(({ isMuted }) => isMuted)).toEqual([1, 0]);
    bob.sayIn(ROOM, 'again');
    expect(bob.outcome()).toBe('accepted');
  });

  // CHAT-MODERATE-3
  test('in the server holds everywhere, conversations included', () => {
    const { boss, ann, bob } = open();
    bob.send({ type: 'open-direct', requestId: 8, nickname: 'ann' });
    const direct = bob.takeOnly('entered')[0]?.room ?? '';
    boss.moderate('mute', 'bob', undefined);
    for (const place of ['lobby', ROOM, direct]) {
      bob.sayIn(place, 'psst');
      expect(bob.outcome()).toBe('muted');
    }
    boss.moderate('unmute', 'bob', undefined);
    bob.sayIn(direct, 'psst');
    expect(ann.takeOnly('message')).toHaveLength(1);
  });
});

// CHAT-MODERATE-3
test("muted in the server is muted in a room of one's own, and has no power there meanwhile", () => {
  const { boss, ann, bob } = open();
  bob.createRoom('hideout');
  ann.joinRoom('hideout');
  boss.moderate('mute', 'bob', undefined);
  bob.sayIn('hideout', 'psst');
  expect(bob.outcome()).toBe('muted');
  bob.moderate('kick', 'ann', 'hideout');
  expect(bob.outcome()).toBe('not-permitted');
  boss.moderate('unmute', 'bob', undefined);
  bob.moderate('kick', 'ann', 'hideout');
  expect(bob.outcome()).toBe('done');
});

describe('a ban', () => {
  // CHAT-MODERATE-4
  test('of who has an account keeps that user out, until it is over', () => {
    const { server, ann, bob } = open();
    ann.moderate('ban', 'bob', ROOM, { durationMs: HOUR_MS, reason: 'spam' });
    const until = START_TIME + HOUR_MS;
    expect(bob.takeOnly('removed')).toMatchObject([{ isBanned: 1, until, reason: 'spam' }]);
    bob.joinRoom(ROOM);
    expect(bob.outcome()).toBe('banned');
    bob.send({ type: 'search', requestId: 1, query: `x in:${ROOM}`, cursor: undefined, limit: 0 });
    expect(bob.outcome()).toBe('room-not-found');
    const neighbour = server.guest('neighbour', '192.0.2.2');
    neighbour.joinRoom(ROOM);
    expect(neighbour.outcome()).toBe('done');
    server.now += HOUR_MS;
    bob.joinRoom(ROOM);
    expect(bob.outcome()).toBe('done');
  });

  // CHAT-MODERATE-4
  test('of a guest hits guests from the same address, and nobody who has an account', () => {
    const { server, ann, guest } = open();
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
  test('from the server ends the connections, and keeps user or guests of the address out', () => {
    const { server, boss, bob, guest } = open();
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
    const { server, boss, bob } = open();
    boss.moderate('ban', 'bob', 'lobby');
    bob.vanish();
    expect(loginFrom(server, 'bob').take()).toMatchObject([{ type: 'registered' }]);
  });

  // CHAT-MODERATE-5
  test.each([
    ['192.0.2.0/30', '192.0.2.3', '192.0.2.4', '192.0.2.0/30'],
    ['192.0.2.3', '192.0.2.3', '192.0.2.2', '192.0.2.3'],
    ['::ffff:192.0.2.3', '192.0.2.3', '192.0.2.2', '192.0.2.3'],
    ['2001:DB8::/48', '2001:db8:0:ff::/64', '2001:db8:1:ff::/64', '2001:db8:0:0::/48'],
    ['2001:db8::1', '2001:db8:0:0::/64', '2001:db8:0:1::/64', '2001:db8:0:0::/64'],
  ])('of %s keeps %s out at the door, and not %s', (network, inside, outside, shown) => {
    const { server, boss } = open();
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
    const { boss, ann } = open();
    boss.moderate('ban', network, undefined);
    expect(boss.outcome()).toBe('target-invalid');
    ann.moderate('ban', network, ROOM);
    expect(ann.outcome()).toBe('user-not-found');
  });

  // CHAT-MODERATE-6, CHAT-LIST-6
  test('is listed without addresses, page by page, and taken back by name or number', () => {
    const { server, ann, guest } = open();
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

  // CHAT-ROLE-1
  test('makes room for another one only when it is over', () => {
    const { server, ann } = open({ limits: { rolesPerPlaceMax: 3 } });
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
});

// CHAT-ACCOUNT-3, CHAT-MODERATE-1
test('what cannot be kept is not carried out', () => {
  const { server, ann, bob } = open();
  server.accountTrouble = 'the disk is full';
  ann.moderate('ban', 'bob', ROOM);
  expect(ann.outcome()).toBe('not-stored');
  expect(bob.take()).toEqual([]);
  server.accountTrouble = undefined;
  bob.sayIn(ROOM, 'still here');
  expect(bob.outcome()).toBe('accepted');
});

// CHAT-SLOW-2
test('slow mode lets each user write once in a while, moderators as they like', () => {
  const { server, ann, bob, guest } = open();
  ann.configureRoom(ROOM, { slowModeMs: 5_000 });
  for (const client of [bob, guest, ann]) client.sayIn(ROOM, 'one');
  server.now += 1_000;
  bob.take();
  bob.sayIn(ROOM, 'two');
  expect(bob.take()).toMatchObject([{ type: 'failed', code: 'slow-mode', retryAfterMs: 4_000 }]);
  ann.take();
  ann.sayIn(ROOM, 'three');
  expect(ann.outcome()).toBe('accepted');
  server.now += 4_000;
  bob.sayIn(ROOM, 'four');
  expect(bob.outcome()).toBe('accepted');
  ann.configureRoom(ROOM, { slowModeMs: 3_600_001 });
  expect(ann.outcome()).toBe('not-permitted');
  ann.configureRoom(ROOM, { slowModeMs: 0 });
  bob.sayIn(ROOM, 'five');
  expect(bob.outcome()).toBe('accepted');
});

describe('a room for those who were invited', () => {
  // CHAT-ENTRY-1
  test('keeps who is in it, and takes whom somebody in charge lets in', () => {
    const { server, ann, bob, guest } = open();
    ann.configureRoom(ROOM, { entry: 'invited' });
    bob.vanish();
    const back = loginFrom(server, 'bob');
    back.joinRoom(ROOM);
    expect(back.outcome()).toBe('done');
    const cy = server.owner('cy');
    const ask = (client: VirtualClient) => {
      const outcomes: (string | undefined)[] = [];
      client.joinRoom(ROOM);
      outcomes.push(client.outcome());
      client.send({ type: 'list-users', requestId: 1, room: ROOM, cursor: undefined, limit: 0 });
      outcomes.push(client.outcome());
      client.send({ type: 'search', requestId: 1, query: `x in:${ROOM}`, cursor: undefined, limit: 0 });
      outcomes.push(client.outcome());
      client.send({ type: 'list-roles', requestId: 1, room: ROOM });
      outcomes.push(client.outcome());
      return outcomes;
    };
    expect(ask(cy)).toEqual(['room-invite-only', 'room-invite-only', 'room-not-found', 'room-invite-only']);
    const observer = server.observer();
    observer.send({ type: 'list-users', requestId: 1, room: ROOM, cursor: undefined, limit: 0 });
    expect(observer.outcome()).toBe('room-invite-only');
    guest.take();
    guest.send({ type: 'invite-user', requestId: 1, room: ROOM, nickname: 'cy' });
    expect(guest.outcome()).toBe('not-permitted');
    ann.send({ type: 'invite-user', requestId: 1, room: ROOM, nickname: 'cy' });
    expect(cy.takeOnly('invited')).toEqual([{ type: 'invited', room: ROOM, by: 'ann' }]);
    expect(ask(cy)).toEqual(['done', 'users', 'search-results', 'roles']);
    ann.moderate('kick', 'cy', ROOM);
    expect(ask(cy)[0]).toBe('room-invite-only');
  });

  // CHAT-ENTRY-1
  test('is not the lobby', () => {
    const { boss } = open();
    boss.configureRoom('lobby', { entry: 'invited' });
    expect(boss.outcome()).toBe('not-permitted');
  });
});

describe('roles', () => {
  // CHAT-ROLE-1, CHAT-ROLE-4
  test('are given to users with an account, listed, and outlive the server', () => {
    const { server, ann, bob, guest } = open();
    ann.setRole('guest', 'moderator', ROOM);
    expect(ann.outcome()).toBe('account-required');
    ann.setRole('bob', 'operator', ROOM);
    expect(ann.outcome()).toBe('not-permitted');
    ann.setRole('bob', 'moderator', ROOM);
    ann.moderate('mute', 'guest', ROOM, { durationMs: HOUR_MS });
    ann.take();
    guest.take();
    guest.send({ type: 'list-roles', requestId: 1, room: ROOM });
    const roles = [
      { nickname: 'ann', role: 'owner', until: undefined },
      { nickname: 'bob', role: 'moderator', until: undefined },
      { nickname: 'guest', role: 'muted', until: START_TIME + HOUR_MS },
    ];
    expect(guest.takeOnly('roles')).toMatchObject([{ room: ROOM, entry: 'open', slowModeMs: 0, roles }]);
    const after = new VirtualServer({ accounts: server.accounts, log: server.log });
    const later = loginFrom(after, 'bob');
    later.joinRoom(ROOM);
    after.guest('noise', '192.0.2.9').joinRoom(ROOM);
    later.take();
    later.moderate('kick', 'noise', ROOM);
    expect(later.outcome()).toBe('done');
    bob.take();
    bob.setRole('ann', 'member', ROOM);
    expect(bob.outcome()).toBe('not-permitted');
  });

  // CHAT-ROLE-5
  test('are told to all who are in the room when they change', () => {
    const { ann, bob, guest } = open();
    for (const client of [ann, bob, guest]) client.take();
    ann.setRole('bob', 'moderator', ROOM);
    const change = { type: 'role-changed', room: ROOM, nickname: 'bob', role: 'moderator' };
    expect(guest.take()).toEqual([change]);
    expect(bob.take()).toEqual([change]);
    ann.setRole('bob', 'member', ROOM);
    expect(guest.take()).toEqual([{ ...change, role: 'member' }]);
    ann.take();
    ann.setRole('guest', 'moderator', ROOM);
    expect(ann.outcome()).toBe('account-required');
    expect(guest.take()).toEqual([]);
  });

  // CHAT-ROLE-1
  test('a guest who made a room owns it, and keeps it with an account', () => {
    const server = new VirtualServer();
    const guest = server.user('gus');
    guest.createRoom(ROOM);
    guest.createAccount('gus');
    guest.vanish();
    const gus = loginFrom(server, 'gus');
    gus.configureRoom(ROOM, { slowModeMs: 1_000 });
    expect(gus.outcome()).toBe('done');
  });

  // CHAT-ROLE-1
  test('a place that has all its roles gives no more, but those that it has are given again and taken', () => {
    const { server, ann } = open({ limits: { rolesPerPlaceMax: 2 } });
    server.owner('next');
    const give = (nickname: string, role: 'moderator' | 'member') => {
      ann.take();
      ann.setRole(nickname, role, ROOM);
      return ann.outcome();
    };
    expect(give('bob', 'moderator')).toBe('done');
    expect(give('next', 'moderator')).toBe('limit-reached');
    expect(give('bob', 'moderator')).toBe('done');
    expect(give('bob', 'member')).toBe('done');
    expect(give('next', 'moderator')).toBe('done');
  });

  // CHAT-ROLE-3
  test('operators make operators, and one is always left', () => {
    const { boss, bob } = open();
    const setServerRole = (
      client: VirtualClient,
      nickname: string,
      role: 'operator' | 'member' | 'owner',
    ) => {
      client.take();
      client.send({ type: 'set-role', requestId: 1, room: undefined, nickname, role });
      return client.outcome();
    };
    expect(setServerRole(bob, 'bob', 'operator')).toBe('not-permitted');
    expect(setServerRole(boss, 'bob', 'owner')).toBe('not-permitted');
    expect(setServerRole(boss, 'boss', 'member')).toBe('not-permitted');
    expect(setServerRole(boss, 'bob', 'operator')).toBe('done');
    expect(setServerRole(bob, 'boss', 'member')).toBe('done');
    expect(setServerRole(boss, 'bob', 'member')).toBe('not-permitted');
  });
});

// CHAT-ADMISSION-1, CHAT-ADMISSION-2
test('an operator makes invite codes, each good once and for a week', () => {
  const server = new VirtualServer({ admission: 'invite', operatorCode: 'c0de' });
  const boss = server.owner('boss', { invite: 'c0de' });
  const code = (client: VirtualClient) => {
    client.take();
    client.send({ type: 'create-invite', requestId: 1 });
    return client.takeOnly('invite-code')[0]?.code ?? '';
  };
  const bob = server.owner('bob', { invite: code(boss) });
  expect(code(bob)).toBe('');
  const [first, second] = [code(boss), code(boss)];
  expect(first).toMatch(/^[0-9a-f]{20}$/);
  expect(JSON.stringify(server.accounts)).not.toContain(first);
  server.hashesSlowly = true;
  const [one, other] = [server.observer(), server.observer()];
  one.createAccount('one', { invite: first });
  other.createAccount('other', { invite: first });
  expect(other.outcome()).toBe('invite-invalid');
  server.passwordWork.shift()?.();
  expect(one.outcome()).toBe('registered');
  other.createAccount('other', { invite: first });
  expect(other.outcome()).toBe('invite-invalid');
  server.now += 604_800_000;
  other.createAccount('other', { invite: second });
  expect(other.outcome()).toBe('invite-invalid');
});
