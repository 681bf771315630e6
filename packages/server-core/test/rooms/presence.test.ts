import { describe, expect, test } from 'vitest';
import { secretOf, VirtualServer } from '../support/virtual-server.ts';

const LIST = { type: 'list-users', requestId: 9, room: 'lobby', cursor: undefined, limit: 0 } as const;

// CHAT-PRESENCE-1
test('who was listed between coming and going is told to have gone', () => {
  const server = new VirtualServer({ limits: { presenceIntervalMs: 1_000 } });
  const ann = server.user('ann');
  server.advance(100);
  const bob = server.user('bob');
  ann.send(LIST);
  expect(ann.takeOnly('users')[0]?.users).toHaveLength(2);
  bob.vanish();
  server.advance(2_000);
  expect(ann.takeOnly('presence')).toMatchObject([{ members: 1, left: [{ nickname: 'bob' }], joined: [] }]);
});

// CHAT-PRESENCE-1
test('who was missing from a list between going and coming back is told to have come', () => {
  const server = new VirtualServer({ limits: { presenceIntervalMs: 1_000 } });
  const ann = server.user('ann');
  const bob = server.user('bob');
  server.advance(2_000);
  ann.take();
  server.user('cy');
  bob.vanish();
  ann.send(LIST);
  expect(ann.takeOnly('users')[0]?.users.map(({ nickname }) => nickname)).toEqual(['ann', 'cy']);
  server.user('bob', secretOf('bob'));
  server.advance(2_000);
  const joined = ann.takeOnly('presence').flatMap((presence) => presence.joined);
  expect(joined.map(({ nickname }) => nickname)).toContain('bob');
});

// CHAT-LEAVE-1, CHAT-LEFT-2
test('who leaves a room is gone with the words that it gave', () => {
  const server = new VirtualServer({ limits: { presenceIntervalMs: 1_000 } });
  const [ann, bob] = [server.user('ann'), server.user('bob')];
  server.advance(2_000);
  ann.take();
  bob.send({ type: 'leave-room', requestId: 1, room: 'lobby', reason: ' off to\u001b[2J lunch ' });
  server.advance(2_000);
  const left = ann.takeOnly('presence').flatMap((presence) => presence.left);
  expect(left).toMatchObject([{ nickname: 'bob', cause: 'left', reason: 'off to [2J lunch' }]);
});

// CHAT-PRESENCE-1
test('who comes under the nickname of somebody who went is another user', () => {
  const server = new VirtualServer({ limits: { presenceIntervalMs: 1_000 } });
  const [ann, bob] = [server.user('ann'), server.user('bob')];
  server.advance(2_000);
  server.user('cy');
  ann.take();
  bob.vanish();
  server.user('bob', secretOf('another'));
  server.advance(2_000);
  const bobs = [{ nickname: 'bob' }];
  expect(ann.takeOnly('presence')).toMatchObject([{ members: 3, left: bobs, joined: bobs }]);
});

// CHAT-PRESENCE-1
describe('users who go and come back between two messages', () => {
  const enter = { type: 'join-room', requestId: 3, room: 'lobby' } as const;
  const leave = { type: 'leave-room', requestId: 2, room: 'lobby', reason: '' } as const;

  test('are in none of them, and there is none when everybody knows how many are there', () => {
    const server = new VirtualServer({ limits: { presenceIntervalMs: 1_000 } });
    const [ann, bob] = [server.user('ann'), server.user('bob')];
    server.advance(2_000);
    // A message that goes out makes the next ones wait.
    server.user('dan');
    bob.send(leave);
    bob.send(enter);
    ann.take();
    server.advance(2_000);
    expect(ann.takeOnly('presence')).toEqual([]);
  });

  test('are told the number of all, when it was another one in between', () => {
    const server = new VirtualServer({ limits: { presenceIntervalMs: 1_000 } });
    const [ann, bob, cy] = [server.user('ann'), server.user('bob'), server.user('cy')];
    server.advance(2_000);
    server.user('dan');
    for (const one of [bob, cy]) one.send(leave);
    for (const one of [bob, cy]) one.send(enter);
    expect(bob.takeOnly('entered').at(-1)).toMatchObject({ members: 3 });
    ann.take();
    server.advance(2_000);
    for (const one of [ann, bob, cy]) {
      expect(one.takeOnly('presence').slice(-1)).toMatchObject([{ members: 4, left: [], joined: [] }]);
    }
  });
});
