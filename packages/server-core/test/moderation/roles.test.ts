import type { RoleName } from '@parley/protocol';
import { describe, expect, test } from 'vitest';
import { HOUR_MS, loginFrom, openRoom, ROOM } from '../support/moderated-room.ts';
import { START_TIME, type VirtualClient, VirtualServer } from '../support/virtual-server.ts';

describe('roles', () => {
  // CHAT-ROLE-1, CHAT-ROLE-4
  test('are given to users with an account, listed, and outlive the server', () => {
    const { server, ann, bob, guest } = openRoom();
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
    const { ann, bob, guest } = openRoom();
    for (const client of [ann, bob, guest]) client.take();
    ann.setRole('bob', 'moderator', ROOM);
    expect(ann.take()).toEqual([
      expect.objectContaining({ type: 'role-changed' }),
      { type: 'done', requestId: 41 },
    ]);
    const change = { type: 'role-changed', room: ROOM, nickname: 'bob', role: 'moderator' };
    expect(guest.take()).toEqual([change]);
    expect(bob.take()).toEqual([change]);
    ann.setRole('bob', 'moderator', ROOM);
    expect(guest.take()).toEqual([change]);
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
  test('are none in a conversation of two, whoever is in it', () => {
    const { boss, bob } = openRoom();
    boss.send({ type: 'open-direct', requestId: 1, nickname: 'bob' });
    const room = boss.takeOnly('entered')[0]?.room ?? '';
    const list = { requestId: 2, room, cursor: undefined, limit: 0 } as const;
    const requests = [
      () => boss.setRole('bob', 'moderator', room),
      () => boss.configureRoom(room, { slowModeMs: 1_000 }),
      () => boss.configureRoom(room, { entry: 'invited' }),
      () => boss.send({ type: 'invite-user', requestId: 2, room, nickname: 'ann' }),
      () => boss.send({ type: 'list-roles', requestId: 2, room }),
      () => boss.send({ type: 'list-bans', ...list }),
      () => boss.send({ type: 'read-audit', ...list }),
      ...(['kick', 'mute', 'unmute', 'ban', 'unban'] as const).map((action) => () => {
        boss.moderate(action, 'bob', room);
      }),
    ];
    const outcomes = requests.map((request) => {
      request();
      return boss.outcome();
    });
    expect(new Set(outcomes)).toEqual(new Set(['room-not-found']));
    for (const text of ['one', 'two']) {
      bob.sayIn(room, text);
      expect(bob.outcome()).toBe('accepted');
    }
  });

  // CHAT-ROLE-1, CHAT-MODERATE-3
  test('an operator who was muted in the server before writes in public rooms, and in no conversation', () => {
    const { boss, bob } = openRoom();
    boss.moderate('mute', 'bob', undefined);
    boss.setRole('bob', 'operator', undefined);
    bob.sayIn(ROOM, 'hello');
    expect(bob.outcome()).toBe('accepted');
    bob.send({ type: 'open-direct', requestId: 1, nickname: 'ann' });
    const room = bob.takeOnly('entered')[0]?.room ?? '';
    bob.sayIn(room, 'psst');
    expect(bob.outcome()).toBe('muted');
  });

  // CHAT-ROLE-1
  test('a place that has all its roles gives no more, but those that it has are given again and taken', () => {
    const { server, ann } = openRoom({ limits: { rolesPerPlaceMax: 2 } });
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
  test('are changed from above: an owner has no say over another one, nor over themselves', () => {
    const { boss, ann, bob } = openRoom();
    ann.setRole('bob', 'owner', ROOM);
    expect(ann.outcome()).toBe('done');
    for (const [client, nickname] of [
      [bob, 'ann'],
      [ann, 'ann'],
      [ann, 'boss'],
    ] as const) {
      client.take();
      client.setRole(nickname, 'member', ROOM);
      expect(client.outcome()).toBe('not-permitted');
    }
    boss.setRole('bob', 'member', ROOM);
    expect(boss.outcome()).toBe('done');
  });

  // CHAT-ROLE-4
  test('of the server are operator and member, those of a room owner, moderator and member', () => {
    const { boss } = openRoom();
    const give = (role: RoleName, room: string | undefined) => {
      boss.setRole('bob', role, room);
      return boss.outcome();
    };
    for (const role of ['owner', 'moderator', 'muted', 'unknown'] as const)
      expect(give(role, undefined)).toBe('not-permitted');
    for (const role of ['operator', 'muted', 'unknown'] as const)
      expect(give(role, ROOM)).toBe('not-permitted');
    for (const role of ['owner', 'moderator', 'member'] as const) expect(give(role, ROOM)).toBe('done');
    for (const role of ['operator', 'member'] as const) expect(give(role, undefined)).toBe('done');
  });

  // CHAT-ROLE-3
  test('operators make operators, and one is always left', () => {
    const { boss, bob } = openRoom();
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
    // Nobody from themselves, also when another one is left.
    expect(setServerRole(boss, 'boss', 'member')).toBe('not-permitted');
    expect(setServerRole(bob, 'boss', 'member')).toBe('done');
    expect(setServerRole(boss, 'bob', 'member')).toBe('not-permitted');
  });
});
