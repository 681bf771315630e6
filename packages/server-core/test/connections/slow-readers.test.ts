// Clients that read more slowly than their rooms talk: what they are sent, and that nothing is lost.
import { expect, test } from 'vitest';
import { messageId, VirtualServer } from '../support/virtual-server.ts';

const KIB = 1_024;

function room() {
  const server = new VirtualServer();
  const [ann, slow] = [server.user('ann'), server.user('slow')];
  ann.take();
  slow.take();
  const queue = (queuedBytes: number) =>
    server.handle({ type: 'connection-backlog', connectionId: slow.connectionId, queuedBytes });
  return { server, ann, slow, queue };
}

// CHAT-BEHIND-1
test('who comes and goes is the first that a slow reader is not told', () => {
  const { server, ann, slow, queue } = room();
  queue(64 * KIB);
  server.user('bob').send({ type: 'leave', reason: '' });
  expect(slow.takeOnly('presence')).not.toEqual([]);
  queue(64 * KIB + 1);
  server.user('eve');
  ann.say('still heard');
  expect(slow.take()).toMatchObject([{ type: 'message', text: 'still heard' }]);
});

// CHAT-BEHIND-2
test('one that is behind is not sent what is said, but everything that it asks for', () => {
  const { ann, slow, queue } = room();
  queue(256 * KIB);
  ann.say('pushed');
  expect(slow.take()).toMatchObject([{ type: 'message', text: 'pushed' }]);
  queue(256 * KIB + 1);
  ann.say('kept in the log');
  expect(slow.take()).toEqual([]);
  slow.say('said by the slow one');
  expect(slow.take()).toMatchObject([{ type: 'accepted', sequence: 3 }]);
  expect(ann.takeOnly('message')).toMatchObject([{ sequence: 1 }, { sequence: 2 }, { sequence: 3 }]);
});

// CHAT-BEHIND-2, CHAT-ROLE-5
test('one that is behind is told of roles all the same: no log tells of them later', () => {
  const { server, ann: guest, slow, queue } = room();
  const [owner, helper] = [server.owner('olga'), server.owner('hal')];
  owner.createRoom('den');
  for (const client of [guest, slow, helper]) client.joinRoom('den');
  slow.take();
  queue(256 * KIB + 1);
  owner.setRole('hal', 'moderator', 'den');
  const change = { type: 'role-changed', room: 'den', nickname: 'hal', role: 'moderator' };
  expect(slow.take()).toEqual([change]);
  expect(guest.takeOnly('role-changed')).toEqual([change]);
});

// CHAT-BEHIND-3, CHAT-SAY-2
test('one that has read what waited hears where its rooms stand, finds the rest in the log, and is sent what follows', () => {
  const { ann, slow, queue } = room();
  ann.say('one');
  expect(slow.takeOnly('message')).toHaveLength(1);
  queue(300 * KIB);
  for (const text of ['two', 'three']) ann.say(text);
  queue(1);
  expect(slow.take()).toEqual([]);
  queue(0);
  const [entered] = slow.take();
  expect(entered).toMatchObject({ type: 'entered', room: 'lobby', sequence: 3 });
  ann.say('four');
  expect(slow.take()).toMatchObject([{ type: 'message', sequence: 4, text: 'four' }]);
  slow.send({
    type: 'read-history',
    requestId: 9,
    room: 'lobby',
    direction: 'after',
    epoch: 7,
    sequence: 1,
    limit: 2,
  });
  expect(slow.take()).toMatchObject([{ type: 'history', entries: [{ text: 'two' }, { text: 'three' }] }]);
});

// CHAT-BEHIND-3
test('a room that is entered while behind is told of at once and again, and nothing of it is pushed in between', () => {
  const { ann, slow, queue } = room();
  queue(300 * KIB);
  ann.send({ type: 'create-room', requestId: 3, room: 'tea', topic: '' });
  slow.send({ type: 'join-room', requestId: 4, room: 'tea' });
  expect(slow.take()).toMatchObject([{ type: 'entered', room: 'tea' }, { type: 'done' }]);
  ann.send({ type: 'say', requestId: 5, clientMessageId: messageId('tea'), room: 'tea', text: 'in tea' });
  expect(slow.take()).toEqual([]);
  queue(0);
  expect(slow.take()).toMatchObject([
    { type: 'entered', room: 'lobby' },
    { type: 'entered', room: 'tea', sequence: 1 },
  ]);
});

// CHAT-SLOW-1
test('who does not read what it asked for either is sent away, with the time to come back', () => {
  const { ann, slow, queue } = room();
  queue(1_048_576);
  expect(slow.take()).toEqual([]);
  queue(1_048_577);
  const message = '1048577 bytes wait to be read by this client';
  expect(slow.take()).toEqual([{ type: 'goodbye', code: 'slow-reader', message, reconnectAfterMs: 1_000 }]);
  expect(ann.take()).toMatchObject([
    { type: 'presence', left: [{ cause: 'disconnected', reason: 'reads too slowly' }] },
  ]);
});

// CHAT-SLOW-1
test('who is behind for a minute is sent away, however much it says meanwhile', () => {
  const { server, slow, queue } = room();
  queue(300 * KIB);
  for (let second = 1; second < 60; second += 1) {
    server.advance(1_000);
    slow.send({ type: 'pong', nonce: 0 });
  }
  expect(slow.takeOnly('goodbye')).toEqual([]);
  server.advance(1_000);
  expect(slow.take()).toMatchObject([{ type: 'goodbye', code: 'slow-reader', reconnectAfterMs: 1_000 }]);
});

// CHAT-SLOW-1
test('who has caught up in time stays', () => {
  const { server, slow, queue } = room();
  queue(300 * KIB);
  server.advance(20_000);
  queue(0);
  for (let second = 0; second < 120; second += 1) {
    server.advance(1_000);
    slow.send({ type: 'pong', nonce: 0 });
  }
  expect(slow.takeOnly('goodbye')).toEqual([]);
});
