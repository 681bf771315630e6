// CHAT-ACCOUNT-5
import { expect, test } from 'vitest';
import { PASSWORD, secretOf, type VirtualClient, VirtualServer } from '../support/virtual-server.ts';

function deleteAccount(client: VirtualClient, password = PASSWORD): (string | undefined)[] {
  client.take();
  client.send({ type: 'delete-account', requestId: 5, password });
  return client.take().map((answer) => ('code' in answer ? answer.code : answer.type));
}

const codes = (client: VirtualClient) => client.takeOnly('failed').map(({ code }) => code);

test('is deleted by who knows its password, on all devices, and nobody gets the nickname', () => {
  const server = new VirtualServer();
  const [ann, guest, phone] = [server.owner('ann'), server.user('guest'), server.observer()];
  phone.login('ann');
  expect(deleteAccount(guest)).toEqual(['account-required']);
  expect(deleteAccount(ann, 'a wrong one')).toEqual(['login-failed']);
  expect([ann.isClosed, phone.isClosed]).toEqual([false, false]);
  expect(deleteAccount(ann)).toEqual(['done', 'account-deleted']);
  expect([ann.isClosed, phone.isClosed]).toEqual([true, true]);
  expect(phone.outcome()).toBe('account-deleted');
  const other = server.observer();
  other.login('ann');
  other.register('ann', secretOf('another'));
  other.register('Аnn', secretOf('another'));
  other.createAccount('ANN');
  expect(codes(other)).toEqual(['login-failed', 'nickname-taken', 'nickname-taken', 'nickname-taken']);
});

test('what was said stays, and the secret of the guest that its author was opens nothing', () => {
  const server = new VirtualServer();
  const [ann, bob] = [server.user('ann', secretOf('device')), server.user('bob')];
  ann.createAccount('ann');
  ann.say('I was here');
  bob.take();
  expect(deleteAccount(ann)).toEqual(['done', 'account-deleted']);
  const place = { direction: 'before', epoch: 0, sequence: Number.MAX_SAFE_INTEGER, limit: 0 } as const;
  bob.send({ type: 'read-history', requestId: 6, room: 'lobby', ...place });
  expect(bob.takeOnly('history')[0]?.entries).toMatchObject([{ from: 'ann', text: 'I was here' }]);
  const again = server.observer();
  again.register('zed', secretOf('device'));
  const secret = secretOf('device');
  again.send({
    type: 'create-account',
    requestId: 7,
    nickname: 'zed',
    secret,
    password: PASSWORD,
    invite: undefined,
  });
  again.register('zed', secretOf('a new device'));
  const answers = again.take();
  expect(answers.map((answer) => ('code' in answer ? answer.code : answer.type)).slice(0, 4)).toEqual([
    'nickname-taken',
    'account-exists',
    'entered',
    'registered',
  ]);
});

test('stays deleted when the server is started anew, with nothing of it in the store', () => {
  const before = new VirtualServer({ operatorCode: 'c0de' });
  const ann = before.owner('ann');
  ann.send({ type: 'create-token', requestId: 3, name: 'robot' });
  ann.createRoom('attic');
  expect(deleteAccount(ann)).toEqual(['done', 'account-deleted']);
  const after = new VirtualServer({ accounts: before.accounts });
  const other = after.observer();
  other.login('ann');
  other.register('ann', secretOf('another'));
  expect(codes(other)).toEqual(['login-failed', 'nickname-taken']);
});

test('the only operator stays, until there is another one', () => {
  const server = new VirtualServer({ operatorCode: 'c0de' });
  const [cap, ann] = [server.owner('cap', { invite: 'c0de' }), server.owner('ann')];
  expect(deleteAccount(cap)).toEqual(['not-permitted']);
  cap.setRole('ann', 'operator', undefined);
  expect(deleteAccount(cap)).toEqual(['done', 'account-deleted']);
  expect(deleteAccount(ann)).toEqual(['not-permitted']);
});

// CHAT-ROLE-3
test.each([
  ['a deletion', 'a demotion'],
  ['a demotion', 'a deletion'],
  ['a demotion', 'a counter-demotion'],
] as const)('%s that waits for the disk and %s leave an operator', (...steps) => {
  const server = new VirtualServer({ operatorCode: 'c0de' });
  const [cap, ann] = [server.owner('cap', { invite: 'c0de' }), server.owner('ann')];
  cap.setRole('ann', 'operator', undefined);
  server.keepsSlowly = true;
  for (const step of steps) {
    if (step === 'a deletion') cap.send({ type: 'delete-account', requestId: 5, password: PASSWORD });
    else if (step === 'a demotion') cap.setRole('ann', 'member', undefined);
    else ann.setRole('cap', 'member', undefined);
  }
  expect([...codes(cap), ...codes(ann)]).toEqual(['not-permitted']);
  for (const settle of server.accountWork) settle();
  server.keepsSlowly = false;
  const [left] = [cap, ann].filter(({ isClosed }) => !isClosed).slice(-1);
  const operator = steps[0] === 'a deletion' ? left : cap;
  operator?.take();
  operator?.send({ type: 'list-roles', requestId: 9, room: undefined });
  expect(operator?.outcome()).toBe('roles');
});

test('an operator whose deletion could not be kept is one that stays', () => {
  const server = new VirtualServer({ operatorCode: 'c0de' });
  const [cap, ann] = [server.owner('cap', { invite: 'c0de' }), server.owner('ann')];
  cap.setRole('ann', 'operator', undefined);
  server.accountTrouble = 'the disk is full';
  expect(deleteAccount(ann)).toEqual(['not-stored']);
  cap.setRole('ann', 'member', undefined);
  expect(codes(cap)).toEqual(['not-stored']);
  server.accountTrouble = undefined;
  expect(deleteAccount(cap)).toEqual(['done', 'account-deleted']);
});

// CHAT-PASSWORD-3
test('a password that could not be checked is not called a wrong one', () => {
  const server = new VirtualServer();
  const ann = server.owner('ann');
  server.checkTrouble = 'no memory';
  ann.take();
  ann.send({ type: 'delete-account', requestId: 5, password: PASSWORD });
  ann.send({ type: 'set-password', requestId: 6, current: PASSWORD, password: 'another long one' });
  const refusal = { type: 'failed', code: 'internal-error', message: 'no memory', retryAfterMs: 1_000 };
  expect(ann.take()).toMatchObject([
    { ...refusal, requestId: 5 },
    { ...refusal, requestId: 6 },
  ]);
  server.checkTrouble = undefined;
  expect(deleteAccount(ann)).toEqual(['done', 'account-deleted']);
});

test('an account that cannot be deleted for good is not deleted', () => {
  const server = new VirtualServer();
  const ann = server.owner('ann');
  server.accountTrouble = 'the disk is full';
  expect(deleteAccount(ann)).toEqual(['not-stored']);
  server.accountTrouble = undefined;
  ann.say('still here');
  expect(ann.outcome()).toBe('accepted');
});
