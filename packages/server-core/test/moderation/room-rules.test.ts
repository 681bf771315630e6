import { describe, expect, test } from 'vitest';
import { loginFrom, openRoom, ROOM } from '../support/moderated-room.ts';
import { messageId, type VirtualClient } from '../support/virtual-server.ts';

// CHAT-SLOW-2
test('slow mode lets each user write once in a while, moderators as they like', () => {
  const { server, ann, bob, guest } = openRoom();
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

// CHAT-SLOW-2
test('slow mode counts a topic as it counts what is said, and lasts at most an hour', () => {
  const { server, ann, bob } = openRoom();
  const setTopic = (topic: string) => {
    bob.take();
    bob.send({ type: 'set-topic', requestId: 1, clientMessageId: messageId(topic), room: ROOM, topic });
    return bob.take().find((message) => 'requestId' in message);
  };
  ann.configureRoom(ROOM, { slowModeMs: 3_600_000 });
  expect(ann.outcome()).toBe('done');
  expect(setTopic('tea')).toMatchObject({ type: 'accepted' });
  server.now += 1_000;
  bob.sayIn(ROOM, 'hello');
  expect(bob.outcome()).toBe('slow-mode');
  expect(setTopic('cake')).toMatchObject({ code: 'slow-mode', retryAfterMs: 3_599_000 });
  server.now += 3_599_000;
  bob.sayIn(ROOM, 'hello');
  expect(bob.outcome()).toBe('accepted');
  expect(setTopic('cake')).toMatchObject({ code: 'slow-mode' });
});

describe('a room for those who were invited', () => {
  // CHAT-ENTRY-1
  test('keeps who is in it, and takes whom somebody in charge lets in', () => {
    const { server, ann, bob, guest } = openRoom();
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
    const { boss } = openRoom();
    boss.configureRoom('lobby', { entry: 'invited' });
    expect(boss.outcome()).toBe('not-permitted');
  });
});
