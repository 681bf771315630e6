import { expect, test } from 'vitest';
import { secretOf, VirtualServer } from '../support/virtual-server.ts';

const list = { type: 'list-users', requestId: 9, room: 'lobby', cursor: undefined, limit: 0 } as const;

// CHAT-PRESENCE-1
test('who was listed between coming and going is told to have gone', () => {
  const server = new VirtualServer({ limits: { presenceIntervalMs: 1_000 } });
  const ann = server.user('ann');
  server.advance(100);
  const bob = server.user('bob');
  ann.send(list);
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
  ann.send(list);
  expect(ann.takeOnly('users')[0]?.users.map(({ nickname }) => nickname)).toEqual(['ann', 'cy']);
  server.user('bob', secretOf('bob'));
  server.advance(2_000);
  const joined = ann.takeOnly('presence').flatMap((presence) => presence.joined);
  expect(joined.map(({ nickname }) => nickname)).toContain('bob');
});
