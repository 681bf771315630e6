// Changes of accounts, roles and rooms that the store cannot keep: who asked is told, and nobody else hears of anything.
import type { ClientMessage, PublicKey } from '@parley/protocol';
import { expect, test } from 'vitest';
import { loginFrom, openRoom, ROOM } from '../support/moderated-room.ts';
import { PASSWORD, secretOf } from '../support/virtual-server.ts';

const NEXT_PASSWORD = 'all feet on deck';
const sanction = { requestId: 9, target: 'bob', durationMs: undefined, reason: '' } as const;

// CHAT-ACCOUNT-3
test.each<ClientMessage>([
  {
    type: 'create-account',
    requestId: 9,
    nickname: 'x',
    secret: secretOf('x'),
    password: PASSWORD,
    invite: undefined,
  },
  { type: 'set-password', requestId: 9, current: PASSWORD, password: NEXT_PASSWORD },
  { type: 'delete-account', requestId: 9, password: PASSWORD },
  { type: 'add-key', requestId: 9, name: 'laptop', publicKey: new Uint8Array(32) as PublicKey },
  { type: 'create-token', requestId: 9, name: 'robot' },
  { type: 'revoke-credential', requestId: 9, name: 'old token' },
  { type: 'set-role', requestId: 9, room: ROOM, nickname: 'bob', role: 'moderator' },
  { type: 'configure-room', requestId: 9, room: ROOM, entry: 'invited', slowModeMs: 1_000 },
  { type: 'invite-user', requestId: 9, room: ROOM, nickname: 'bob' },
  { type: 'create-invite', requestId: 9 },
  { type: 'set-emergency', requestId: 9, level: 'closed' },
  { type: 'moderate', action: 'kick', room: ROOM, ...sanction },
  { type: 'moderate', action: 'mute', room: undefined, ...sanction },
  { type: 'moderate', action: 'ban', room: undefined, ...sanction },
])('$type that cannot be kept did not happen', (request) => {
  const { server, boss, ann, bob, guest } = openRoom();
  boss.setRole('ann', 'operator', undefined);
  ann.send({ type: 'create-token', requestId: 1, name: 'old token' });
  const asking = request.type === 'create-account' ? server.observer() : ann;
  const all = [boss, ann, bob, guest];
  for (const client of all) client.take();
  server.accountTrouble = 'the disk is full';
  asking.send(request);
  expect(asking.take()).toMatchObject([
    { type: 'failed', requestId: 9, code: 'not-stored', message: 'the disk is full' },
  ]);
  expect(all.flatMap((client) => client.take())).toEqual([]);
  server.accountTrouble = undefined;
  expect(loginFrom(server, 'ann').outcome()).toBe('registered');
  bob.sayIn(ROOM, 'one');
  bob.take();
  bob.sayIn(ROOM, 'two');
  expect(bob.outcome()).toBe('accepted');
  ann.take();
  ann.send({ type: 'list-credentials', requestId: 2 });
  expect(ann.takeOnly('credentials')).toMatchObject([{ credentials: [{ name: 'old token' }] }]);
});
