import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import {
  type Challenge,
  type LoginToken,
  type LoginTranscript,
  loginTranscript,
  type PublicKey,
  type Signature,
} from '@parley/protocol';
import { expect, test } from 'vitest';
import { PASSWORD, secretOf, type VirtualClient, VirtualServer } from '../support/virtual-server.ts';

interface Key {
  readonly privateKey: KeyObject;
  readonly publicKey: PublicKey;
}

function makeKey(): Key {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const bytes = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  return { privateKey, publicKey: new Uint8Array(bytes) as PublicKey };
}

function challengeOf(client: VirtualClient): Challenge {
  client.send({ type: 'request-challenge', requestId: 1 });
  return client.takeOnly('challenge')[0]?.challenge as Challenge;
}

/** Signs what the test wants and sends it, as Ann. */
function loginBy(
  client: VirtualClient,
  key: Key,
  challenge: Challenge,
  changed: Partial<LoginTranscript> & { readonly publicKeySent?: PublicKey } = {},
): string | undefined {
  const { publicKey } = key;
  const { publicKeySent = publicKey, ...parts } = changed;
  const nickname = 'ann';
  const usual = { challenge, serverName: 'Test', fingerprint: 'SHA256:test', nickname, publicKey };
  const signature = new Uint8Array(sign(null, loginTranscript({ ...usual, ...parts }), key.privateKey));
  client.send({
    type: 'login-key',
    requestId: 2,
    nickname,
    secret: secretOf('laptop'),
    publicKey: publicKeySent,
    signature: signature as Signature,
  });
  return client.outcome();
}

function addKey(client: VirtualClient, name: string, publicKey: PublicKey): string | undefined {
  client.take();
  client.send({ type: 'add-key', requestId: 3, name, publicKey });
  return client.outcome();
}

function createToken(client: VirtualClient, name: string): LoginToken {
  client.take();
  client.send({ type: 'create-token', requestId: 4, name });
  return client.takeOnly('token')[0]?.token as LoginToken;
}

function loginByToken(server: VirtualServer, token: LoginToken, address?: string): VirtualClient {
  const client = server.observer(address);
  client.send({ type: 'login-token', requestId: 5, secret: secretOf('robot'), token });
  return client;
}

function revoke(client: VirtualClient, name: string): string | undefined {
  client.take();
  client.send({ type: 'revoke-credential', requestId: 6, name });
  return client.outcome();
}

// CHAT-KEY-1, CHAT-KEY-2
test('a key that the account knows lets its user in', () => {
  const server = new VirtualServer();
  const ann = server.owner('ann');
  const [key, stranger] = [makeKey(), makeKey()];
  expect(addKey(ann, 'laptop', key.publicKey)).toBe('done');
  const laptop = server.observer();
  expect(loginBy(laptop, stranger, challengeOf(laptop))).toBe('login-failed');
  expect(loginBy(laptop, key, challengeOf(laptop))).toBe('registered');
});

// CHAT-KEY-2
test('a signature is good for one challenge, on its connection', () => {
  const server = new VirtualServer();
  const key = makeKey();
  addKey(server.owner('ann'), 'laptop', key.publicKey);
  const [one, other] = [server.observer(), server.observer()];
  expect(loginBy(one, key, new Uint8Array(32) as Challenge)).toBe('login-failed');
  const challenge = challengeOf(one);
  expect(loginBy(other, key, challenge)).toBe('login-failed');
  challengeOf(other);
  expect(loginBy(other, key, challenge)).toBe('login-failed');
  expect(loginBy(one, key, challenge, { serverName: 'Other' })).toBe('login-failed');
  expect(loginBy(one, key, challenge)).toBe('login-failed');
});

// CHAT-KEY-2
test.each<[string, Parameters<typeof loginBy>[3]]>([
  ['another server name', { serverName: 'Elsewhere' }],
  ['another server', { fingerprint: 'SHA256:in-between' }],
  ['no TLS', { fingerprint: '' }],
  ['another user', { nickname: 'bob' }],
  ['another challenge', { challenge: new Uint8Array(32) as Challenge }],
  ['another key', { publicKey: new Uint8Array(32) as PublicKey }],
  ['a key that is no point of the curve', { publicKeySent: new Uint8Array(32).fill(0xff) as PublicKey }],
])('a signature for %s lets nobody in', (_, changed) => {
  const server = new VirtualServer();
  const key = makeKey();
  addKey(server.owner('ann'), 'laptop', key.publicKey);
  const client = server.observer();
  expect(loginBy(client, key, challengeOf(client), changed)).toBe('login-failed');
});

// CHAT-TOKEN-1, CHAT-ACCOUNT-5
test('a token lets a program in, is kept as a digest, and cannot change the account', () => {
  const server = new VirtualServer();
  const ann = server.owner('ann');
  const token = createToken(ann, 'robot');
  const hex = Buffer.from(token).toString('hex');
  expect(JSON.stringify([server.accounts, server.notes])).not.toContain(hex);
  const robot = loginByToken(server, token);
  expect(robot.takeOnly('registered')).toMatchObject([{ nickname: 'ann' }]);
  expect(addKey(robot, 'back door', makeKey().publicKey)).toBe('not-permitted');
  expect(createToken(robot, 'another')).toBeUndefined();
  expect(revoke(robot, 'robot')).toBe('not-permitted');
  robot.send({ type: 'set-password', requestId: 7, current: PASSWORD, password: 'all feet on deck' });
  expect(robot.outcome()).toBe('not-permitted');
  robot.send({ type: 'delete-account', requestId: 8, password: PASSWORD });
  expect(robot.outcome()).toBe('not-permitted');
  robot.say('beep');
  expect(robot.outcome()).toBe('accepted');
  const wrong = new Uint8Array(token).map((byte) => byte ^ 1) as Uint8Array as LoginToken;
  expect(loginByToken(server, wrong).outcome()).toBe('login-failed');
});

// CHAT-TOKEN-2
test('what was revoked lets nobody in, and ends the connections that came by it alone', () => {
  const server = new VirtualServer();
  const ann = server.owner('ann');
  const [token, other] = [createToken(ann, 'robot'), createToken(ann, 'other')];
  const [robot, otherRobot] = [loginByToken(server, token), server.observer()];
  otherRobot.send({ type: 'login-token', requestId: 5, secret: secretOf('other robot'), token: other });
  expect(revoke(ann, 'nothing')).toBe('credential-name');
  expect(revoke(ann, 'robot')).toBe('done');
  expect(robot.outcome()).toBe('credential-revoked');
  expect([ann.isClosed, otherRobot.isClosed]).toEqual([false, false]);
  expect(loginByToken(server, token).outcome()).toBe('login-failed');
  ann.send({ type: 'list-credentials', requestId: 8 });
  expect(ann.takeOnly('credentials')[0]?.credentials).toMatchObject([{ kind: 'token', name: 'other' }]);
  const after = new VirtualServer({ accounts: server.accounts });
  expect([loginByToken(after, token).outcome(), loginByToken(after, other).outcome()]).toEqual([
    'login-failed',
    'registered',
  ]);
});

// CHAT-TOKEN-2, CHAT-KEY-1
test('names of keys and tokens are different, shown on one line, and so many', () => {
  const server = new VirtualServer();
  const [ann, guest] = [server.owner('ann'), server.user('guest')];
  const { publicKey } = makeKey();
  expect(addKey(guest, 'laptop', publicKey)).toBe('account-required');
  for (const name of ['', ' laptop', 'lap\ntop'])
    expect(addKey(ann, name, publicKey)).toBe('credential-name');
  expect(addKey(ann, 'laptop', publicKey)).toBe('done');
  expect(addKey(ann, 'desktop', publicKey)).toBe('credential-name');
  expect(createToken(ann, 'laptop')).toBeUndefined();
  for (let count = 1; count < 32; count += 1) expect(createToken(ann, `robot ${count}`)).toHaveLength(32);
  expect(addKey(ann, 'one more', makeKey().publicKey)).toBe('limit-reached');
});

// CHAT-TOKEN-2, CHAT-ACCOUNT-3
test('keys and tokens that are being kept count for how many an account has', () => {
  const server = new VirtualServer();
  const ann = server.owner('ann');
  ann.take();
  server.keepsSlowly = true;
  for (let count = 0; count < 40; count += 1)
    ann.send({ type: 'create-token', requestId: count, name: `robot ${count}` });
  expect(ann.takeOnly('failed').map(({ code }) => code)).toEqual(Array(8).fill('limit-reached'));
  for (const settle of server.accountWork.splice(0)) settle();
  expect(ann.takeOnly('token')).toHaveLength(32);
  ann.send({ type: 'list-credentials', requestId: 41 });
  expect(ann.takeOnly('credentials')[0]?.credentials).toHaveLength(32);
});

// CHAT-TOKEN-2
test('of two that get the same name at the same time the first one has it', () => {
  const server = new VirtualServer();
  const ann = server.owner('ann');
  ann.take();
  server.keepsSlowly = true;
  ann.send({ type: 'create-token', requestId: 4, name: 'robot' });
  ann.send({ type: 'add-key', requestId: 5, name: 'robot', publicKey: makeKey().publicKey });
  expect(ann.take()).toMatchObject([{ requestId: 5, code: 'credential-name' }]);
  for (const settle of server.accountWork) settle();
  expect(ann.take()).toMatchObject([{ type: 'token', requestId: 4 }]);
});

// CHAT-PASSWORD-4
test('another password ends the connections that came by the old one, and no others', () => {
  const server = new VirtualServer();
  const ann = server.owner('ann');
  const robot = loginByToken(server, createToken(ann, 'robot'));
  const phone = server.observer();
  phone.login('ann');
  ann.send({ type: 'set-password', requestId: 7, current: PASSWORD, password: 'all feet on deck' });
  expect([ann.isClosed, robot.isClosed, phone.isClosed]).toEqual([false, false, true]);
  expect(phone.outcome()).toBe('credential-revoked');
});

// CHAT-LOGIN-2
test('guessing tokens and keys is slowed down as guessing passwords is', () => {
  const server = new VirtualServer({ limits: { failedLoginsPerAddress: { burst: 2, perSecond: 0.1 } } });
  const token = createToken(server.owner('ann'), 'robot');
  const wrong = new Uint8Array(32) as LoginToken;
  expect(loginByToken(server, wrong, '192.0.2.1').outcome()).toBe('login-failed');
  const client = server.observer('192.0.2.1');
  expect(loginBy(client, makeKey(), challengeOf(client))).toBe('login-failed');
  expect(loginByToken(server, token, '192.0.2.1').outcome()).toBe('rate-limited');
  expect(loginByToken(server, token, '192.0.2.2').outcome()).toBe('registered');
});
