import { describe, expect, test } from 'vitest';
import { HOUR_MS, loginFrom, openRoom, ROOM } from '../support/moderated-room.ts';
import { START_TIME } from '../support/virtual-server.ts';

describe('kick', () => {
  // CHAT-MODERATE-1, CHAT-MODERATE-2, CHAT-LEFT-2
  test('takes a user out of the room on all devices, who may come back', () => {
    const { server, ann, bob } = openRoom();
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
    const { server, boss, ann, bob } = openRoom();
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
  test('and everything like it also hits who has an account and is not here', () => {
    const { ann, bob, guest } = openRoom();
    for (const client of [bob, guest]) client.vanish();
    for (const action of ['kick', 'mute', 'unmute', 'ban'] as const) {
      ann.moderate(action, 'Bob', ROOM);
      expect(ann.outcome()).toBe('done');
      ann.moderate(action, 'guest', ROOM);
      expect(ann.outcome()).toBe('user-not-found');
    }
  });

  // CHAT-MODERATE-1
  test('nobody can be kicked who does not exist', () => {
    const { ann } = openRoom();
    ann.moderate('kick', 'zed', ROOM);
    expect(ann.outcome()).toBe('user-not-found');
    ann.moderate('kick', 'bob', 'nowhere');
    expect(ann.outcome()).toBe('room-not-found');
  });
});

describe('mute', () => {
  // CHAT-MODERATE-3
  test('lets a user read and not write, until it is over or taken back', () => {
    const { server, ann, bob } = openRoom();
    const second = loginFrom(server, 'bob');
    ann.moderate('mute', 'bob', ROOM, { durationMs: HOUR_MS, reason: 'caps' });
    const until = START_TIME + HOUR_MS;
    for (const device of [bob, second])
      expect(device.takeOnly('muted')).toEqual([
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
    const { boss, ann, bob } = openRoom();
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
  const { boss, ann, bob } = openRoom();
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
