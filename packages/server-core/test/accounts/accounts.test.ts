import { expect, test } from 'vitest';
import type { Admission } from '../../src/domain/accounts/admission.ts';
import { PASSWORD, secretOf, type VirtualClient, VirtualServer } from '../support/virtual-server.ts';

const codes = (client: VirtualClient) => client.takeOnly('failed').map(({ code }) => code);

// CHAT-ACCOUNT-1, CHAT-NICK-4, CHAT-NICK-5
test.each(['ann', 'ANN', 'Ａｎｎ', 'аnn'])(
  'the nickname %s is for the owner of ann alone, who is not even here',
  (nickname) => {
    const server = new VirtualServer();
    server.owner('ann').vanish();
    const other = server.observer();
    other.register(nickname, secretOf('another'));
    other.createAccount(nickname);
    expect(codes(other)).toEqual(['login-required', 'nickname-taken']);
    other.login(nickname);
    expect(other.takeOnly('registered')).toMatchObject([{ nickname: 'ann' }]);
  },
);

// CHAT-ACCOUNT-2
test('a guest makes an account of its nickname and stays who it is', () => {
  const server = new VirtualServer();
  const [ann, bob] = [server.user('ann'), server.user('bob')];
  ann.send({ type: 'open-direct', requestId: 8, nickname: 'bob' });
  const room = ann.takeOnly('entered').find(({ kind }) => kind === 'direct')?.room;
  ann.createAccount('bob');
  ann.createAccount('ANN');
  expect(ann.take()).toMatchObject([{ code: 'nickname-invalid' }, { type: 'done' }]);
  ann.createAccount('ann');
  expect(codes(ann)).toEqual(['account-exists']);
  bob.take();
  ann.say('still here');
  expect(bob.takeOnly('message')).toMatchObject([{ from: 'ann' }]);
  ann.vanish();
  const again = server.observer();
  again.login('ann');
  expect(again.takeOnly('entered')).toMatchObject([{ room: 'lobby' }, { room, peer: 'bob' }]);
});

// CHAT-ACCOUNT-2
test('an account takes a good password, and a nickname that no guest has', () => {
  const server = new VirtualServer();
  server.user('bob');
  const ann = server.observer();
  ann.createAccount('ann', { password: 'short' });
  ann.createAccount('Bob');
  ann.createAccount('not a nickname');
  expect(codes(ann)).toEqual(['password-invalid', 'nickname-taken', 'nickname-invalid']);
  expect(server.accounts).toEqual([]);
  ann.createAccount('ann');
  expect(ann.takeOnly('registered')).toMatchObject([{ nickname: 'ann' }]);
});

// CHAT-ACCOUNT-2
test('a guest who left while the account was made comes back with its password', () => {
  const server = new VirtualServer();
  server.hashesSlowly = true;
  const ann = server.user('ann');
  ann.createAccount('ann');
  ann.vanish();
  server.passwordWork.shift()?.();
  server.hashesSlowly = false;
  const again = server.observer();
  again.register('ann');
  again.login('ann');
  expect(again.take().map((one) => ('code' in one ? one.code : one.type))).toContain('login-required');
  expect(server.server.statistics()).toMatchObject({ registered: 1, sessions: 1 });
});

// CHAT-ACCOUNT-4
test('the secret of a guest who made an account opens nothing any more', () => {
  const server = new VirtualServer();
  const ann = server.user('ann', secretOf('device'));
  ann.createAccount('ann');
  ann.vanish();
  const other = server.observer();
  other.register('zed', secretOf('device'));
  expect(codes(other)).toEqual(['login-required']);
});

// CHAT-LOGIN-1
test('a wrong password and an unknown nickname get the same answer, after the same work', () => {
  const server = new VirtualServer();
  server.owner('ann').vanish();
  server.hashesSlowly = true;
  const other = server.observer();
  for (const nickname of ['ann', 'nobody', '']) other.login(nickname, 'guess guess');
  expect(other.take()).toEqual([]);
  expect(server.passwordWork).toHaveLength(3);
  for (const work of server.passwordWork) work();
  const answers = other.takeOnly('failed');
  expect(answers.map(({ code }) => code)).toEqual(['login-failed', 'login-failed', 'login-failed']);
  expect(new Set(answers.map(({ message }) => message)).size).toBe(1);
});

// CHAT-LOGIN-1
test('a password that was changed while it was checked lets nobody in', () => {
  const server = new VirtualServer();
  const [ann, other] = [server.owner('ann'), server.observer()];
  server.hashesSlowly = true;
  other.login('ann');
  const [check] = server.passwordWork.splice(0);
  server.hashesSlowly = false;
  ann.send({ type: 'set-password', requestId: 5, current: PASSWORD, password: 'all feet on deck' });
  expect(ann.outcome()).toBe('done');
  check?.();
  expect(other.outcome()).toBe('login-failed');
});

// CHAT-ACCOUNT-3
test('nobody is told of an account that could not be kept, and its nickname is free again', () => {
  const server = new VirtualServer();
  server.accountTrouble = 'the disk is full';
  const ann = server.observer();
  ann.createAccount('ann');
  expect(ann.take()).toMatchObject([{ code: 'not-stored', message: 'the disk is full' }]);
  server.accountTrouble = undefined;
  ann.createAccount('ann');
  expect(ann.takeOnly('registered')).toHaveLength(1);
});

// CHAT-REGISTER-1, CHAT-ACCOUNT-2
test('a guest who comes back while the account is made is asked to wait, not to take another nickname', () => {
  const server = new VirtualServer();
  server.hashesSlowly = true;
  const ann = server.user('ann');
  ann.createAccount('ann');
  ann.vanish();
  const again = server.observer();
  again.register('ann');
  expect(again.take()).toMatchObject([{ code: 'nickname-taken', retryAfterMs: 1_000 }]);
});

// CHAT-ACCOUNT-2
test('of two who make the same account at the same time, the first one gets it', () => {
  const server = new VirtualServer();
  server.hashesSlowly = true;
  const [first, second, guest] = [server.observer(), server.observer(), server.observer()];
  first.createAccount('ann');
  second.createAccount('Ann');
  guest.register('ann', secretOf('guest'));
  expect([codes(second), codes(guest)]).toEqual([['nickname-taken'], ['nickname-taken']]);
  server.passwordWork.shift()?.();
  expect(first.takeOnly('registered')).toHaveLength(1);
});

test('accounts outlive the server', () => {
  const before = new VirtualServer();
  before.owner('ann');
  const after = new VirtualServer({ accounts: before.accounts });
  const ann = after.observer();
  ann.login('ann');
  expect(ann.takeOnly('registered')).toMatchObject([{ nickname: 'ann' }]);
});

// CHAT-PASSWORD-1, CHAT-PASSWORD-3
test('a password is changed by who knows it, and then the old one is wrong', () => {
  const server = new VirtualServer();
  const [ann, guest] = [server.owner('ann'), server.user('guest')];
  const change = (client: VirtualClient, current: string, password: string) => {
    client.take();
    client.send({ type: 'set-password', requestId: 5, current, password });
    return client.take().map((answer) => ('code' in answer ? answer.code : answer.type));
  };
  expect(change(guest, PASSWORD, 'all feet on deck')).toEqual(['account-required']);
  expect(change(ann, PASSWORD, 'short')).toEqual(['password-invalid']);
  expect(change(ann, 'a wrong one', 'all feet on deck')).toEqual(['login-failed']);
  expect(change(ann, PASSWORD, 'all feet on deck')).toEqual(['done']);
  ann.vanish();
  const again = server.observer();
  again.login('ann');
  again.login('ann', 'all feet on deck');
  expect(again.take()).toMatchObject([{ code: 'login-failed' }, {}, { type: 'registered' }, {}]);
});

// CHAT-PASSWORD-2
test('no note tells a password', () => {
  const server = new VirtualServer();
  const ann = server.owner('ann');
  ann.send({ type: 'set-password', requestId: 5, current: PASSWORD, password: `${PASSWORD}!` });
  server.observer().login('ann', PASSWORD);
  expect(JSON.stringify(server.notes)).not.toContain(PASSWORD);
  expect(server.notes.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['account-created', 'password-changed', 'login-failed']),
  );
});

// CHAT-LOGIN-2
test('guessing is slowed down for the address that guesses, and for the account from all of them', () => {
  const server = new VirtualServer({
    limits: {
      failedLoginsPerAddress: { burst: 2, perSecond: 0.1 },
      failedLoginsPerAccount: { burst: 4, perSecond: 0.1 },
    },
  });
  server.owner('ann').vanish();
  const guess = (address: string, password: string) => {
    const client = server.observer(address);
    client.login('ann', password);
    const answer = client.take().at(-1);
    client.vanish();
    if (answer?.type !== 'failed') return 'in';
    return answer.retryAfterMs === undefined ? answer.code : `${answer.code} ${answer.retryAfterMs}`;
  };
  expect(guess('192.0.2.1', PASSWORD)).toBe('in');
  expect(guess('192.0.2.1', 'one')).toBe('login-failed');
  expect(guess('192.0.2.1', 'two')).toBe('login-failed');
  expect(guess('192.0.2.1', PASSWORD)).toBe('rate-limited 10000');
  expect(guess('192.0.2.2', PASSWORD)).toBe('in');
  for (const password of ['three', 'four']) expect(guess('192.0.2.2', password)).toBe('login-failed');
  expect(guess('192.0.2.3', PASSWORD)).toBe('rate-limited 10000');
  server.advance(10_000);
  expect(guess('192.0.2.3', PASSWORD)).toBe('in');
});

// CHAT-LOGIN-2
test('logins and new accounts of one address have allowances, and all hashing has one', () => {
  const server = new VirtualServer({
    limits: {
      loginsPerAddress: { burst: 2, perSecond: 1 },
      newAccountsPerAddress: { burst: 1, perSecond: 0.01 },
      passwordJobsMax: 3,
      accountsMax: 2,
    },
  });
  server.owner('ann', { address: '192.0.2.1' });
  const bob = server.observer('192.0.2.1');
  bob.createAccount('bob');
  expect(bob.take()).toMatchObject([{ code: 'rate-limited', retryAfterMs: 100_000 }]);
  server.hashesSlowly = true;
  for (let tries = 0; tries < 3; tries += 1) bob.login('ann');
  expect(bob.take()).toMatchObject([{ code: 'rate-limited', retryAfterMs: 1_000 }]);
  const cy = server.observer('192.0.2.9');
  cy.createAccount('cy');
  const dee = server.observer('192.0.2.10');
  dee.createAccount('dee');
  expect(codes(dee)).toEqual(['registration-closed']);
  dee.login('ann');
  expect(dee.take()).toMatchObject([{ code: 'rate-limited', retryAfterMs: 2_000 }]);
});

// CHAT-LOGIN-2
test('all who come from the machine of the server have one allowance', () => {
  const server = new VirtualServer({
    limits: {
      loginsPerAddress: { burst: 2, perSecond: 1 },
      newAccountsPerAddress: { burst: 1, perSecond: 0.01 },
    },
  });
  server.owner('ann');
  const answer = (act: (client: VirtualClient) => void) => {
    const client = server.observer();
    act(client);
    return client.outcome();
  };
  expect(answer((client) => client.createAccount('bob'))).toBe('rate-limited');
  const guest = server.user('guest');
  guest.createAccount('guest');
  expect(guest.outcome()).toBe('rate-limited');
  const logins = [1, 2, 3].map(() => answer((client) => client.login('ann')));
  expect(logins).toEqual(['registered', 'registered', 'rate-limited']);
});

// CHAT-ADMISSION-1, CHAT-ADMISSION-2
test.each<[Admission, string, string, string]>([
  ['open', 'registered', 'registered', 'invite-invalid'],
  ['registered-only', 'account-required', 'registered', 'invite-invalid'],
  ['invite', 'account-required', 'invite-invalid', 'invite-invalid'],
])('a server that is %s: guests %s, accounts %s, with a bad code %s', (admission, guests, accounts, bad) => {
  const server = new VirtualServer({ admission, operatorCode: 'c0de' });
  const answer = (act: (client: VirtualClient) => void) => {
    const client = server.observer();
    act(client);
    const types = client.take().map((one) => ('code' in one ? one.code : one.type));
    return types.find((type) => type !== 'entered' && type !== 'presence');
  };
  expect(answer((client) => client.register('guest'))).toBe(guests);
  expect(answer((client) => client.createAccount('ann'))).toBe(accounts);
  expect(answer((client) => client.createAccount('bob', { invite: 'c0dE' }))).toBe(bad);
  expect(answer((client) => client.createAccount('cap', { invite: 'c0de' }))).toBe('registered');
  expect(answer((client) => client.createAccount('dee', { invite: 'c0de' }))).toBe('invite-invalid');
  expect(server.accounts.filter(({ type }) => type === 'put-role')).toMatchObject([
    { role: { roomKey: undefined, nickname: 'cap', role: 'operator' } },
  ]);
});

// CHAT-LOGIN-1
test('a client that went away while its password was checked is not let in', () => {
  const server = new VirtualServer();
  server.owner('ann').vanish();
  server.hashesSlowly = true;
  const ann = server.observer();
  ann.login('ann');
  ann.vanish();
  server.passwordWork.shift()?.();
  expect(server.server.statistics()).toMatchObject({ sessions: 0, registered: 0 });
});
