// CHAT-ACCOUNT-5
import { expect, test } from 'vitest';
import { PASSWORD, secretOf, type VirtualClient, VirtualServer } from './support/virtual-server.ts';

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

test('an account that cannot be deleted for good is not deleted', () => {
  const server = new VirtualServer();
  const ann = server.owner('ann');
  server.accountTrouble = 'the disk is full';
  expect(deleteAccount(ann)).toEqual(['not-stored']);
  server.accountTrouble = undefined;
  ann.say('still here');
  expect(ann.outcome()).toBe('accepted');
});
