import { createPublicKey, verify } from 'node:crypto';
import { type Challenge, type LoginToken, loginTranscript, type ServerMessageOf } from '@parley/protocol';
import { expect, test } from 'vitest';
import { createLoginKey, formatLoginToken, parseLoginKey, parseLoginToken } from '../../src/index.ts';
import { LOBBY, nick, Scenario } from '../support/scenario.ts';

const PASSWORD = 'all hands';
const byPassword = (password = PASSWORD) => ({ kind: 'password', password }) as const;

function letIn(scenario: Scenario, requestId: number): void {
  scenario.enter();
  scenario.receive({ type: 'registered', requestId, nickname: nick('ann'), sessionId: 1 as never });
}

function lose(scenario: Scenario): void {
  scenario.handle({
    type: 'connection-ended',
    trouble: { kind: 'broken', code: 'ECONNRESET', message: 'gone' },
  });
  scenario.pass(2_000);
  scenario.handle({ type: 'connected' });
  const { server } = scenario.client.session;
  scenario.receive({
    type: 'hello-ok',
    version: 1,
    serverName: server?.name ?? '',
    serverTime: 5,
    motd: '',
    room: server?.room as ServerMessageOf<'hello-ok'>['room'],
  });
}

const failed = (requestId: number, code: ServerMessageOf<'failed'>['code'], retryAfterMs?: number) =>
  ({ type: 'failed', requestId, code, message: 'no', retryAfterMs }) as const;

// CHAT-LOGIN-1
test('a user of an account comes back with the password by which it came', () => {
  const scenario = Scenario.greeted({ reconnects: true });
  const wrong = scenario.command({ type: 'login', nickname: 'ann', credential: byPassword('some hands') });
  scenario.receive(failed(scenario.lastSent('login').requestId, 'login-failed'));
  expect(scenario.errorOf(wrong)).toMatchObject({ code: 'login-failed' });
  const login = scenario.command({ type: 'login', nickname: 'ann', credential: byPassword() });
  letIn(scenario, scenario.lastSent('login').requestId);
  expect(scenario.resultOf(login)).toEqual({ nickname: 'ann', room: 'lobby' });
  lose(scenario);
  expect(scenario.lastSent('login')).toMatchObject({ nickname: 'ann', password: PASSWORD });
  expect(scenario.sentTypes()).not.toContain('register');
  letIn(scenario, scenario.lastSent('login').requestId);
  expect(scenario.told('reconnected')).toHaveLength(1);
});

// CHAT-LOGIN-1, CHAT-LOGIN-2
test('waits for a password to be hashed as long as a server may need that has many of them to do', () => {
  const scenario = Scenario.greeted();
  const login = scenario.command({ type: 'login', nickname: 'ann', credential: byPassword() });
  scenario.pass(59_999);
  expect(scenario.settled.has(login)).toBe(false);
  scenario.pass(1);
  expect(scenario.errorOf(login).code).toBe('request-timed-out');
});

// CHAT-LOGIN-2
test('who is asked to wait when coming back tries again', () => {
  const scenario = Scenario.greeted({ reconnects: true });
  scenario.command({ type: 'login', nickname: 'ann', credential: byPassword() });
  letIn(scenario, scenario.lastSent('login').requestId);
  lose(scenario);
  scenario.receive(failed(scenario.lastSent('login').requestId, 'rate-limited', 2_000));
  expect(scenario.client.session.state).toBe('reconnecting');
  lose(scenario);
  scenario.receive(failed(scenario.lastSent('login').requestId, 'login-failed'));
  expect(scenario.client.session.end).toMatchObject({ kind: 'nickname-lost' });
});

// CHAT-ACCOUNT-2
test('a guest who makes an account stays in the room, and comes back by login', () => {
  const scenario = Scenario.registered('ann', 0, { reconnects: true });
  const create = { type: 'create-account', nickname: undefined, invite: 'c0de' } as const;
  const short = scenario.command({ ...create, password: 'short' });
  expect(scenario.errorOf(short)).toMatchObject({ code: 'password-invalid' });
  const command = scenario.command({ ...create, password: PASSWORD });
  const { requestId, ...sent } = scenario.lastSent('create-account');
  expect(sent).toMatchObject({ nickname: 'ann', password: PASSWORD, invite: 'c0de' });
  scenario.receive({ type: 'done', requestId });
  expect(scenario.resultOf(command)).toBeUndefined();
  const change = scenario.command({ type: 'set-password', current: PASSWORD, password: 'all feet' });
  scenario.receive({ type: 'done', requestId: scenario.lastSent('set-password').requestId });
  expect(scenario.resultOf(change)).toBeUndefined();
  lose(scenario);
  expect(scenario.lastSent('login')).toMatchObject({ nickname: 'ann', password: 'all feet' });
});

// CHAT-ACCOUNT-2, CHAT-PASSWORD-3
test('who lost the connection before a password was confirmed comes back with the one that counts', () => {
  const scenario = Scenario.registered('ann', 0, { reconnects: true });
  const create = { type: 'create-account', nickname: undefined, invite: undefined } as const;
  const command = scenario.command({ ...create, password: PASSWORD });
  lose(scenario);
  expect(scenario.errorOf(command)).toMatchObject({ code: 'connection-ended' });
  scenario.receive(failed(scenario.lastSent('register').requestId, 'login-required'));
  expect(scenario.lastSent('login')).toMatchObject({ nickname: 'ann', password: PASSWORD });
  // The same once more: nothing is certain before the server has let the user in.
  lose(scenario);
  scenario.receive(failed(scenario.lastSent('register').requestId, 'login-required'));
  letIn(scenario, scenario.lastSent('login').requestId);
  scenario.command({ type: 'set-password', current: PASSWORD, password: 'all feet' });
  lose(scenario);
  expect(scenario.lastSent('login')).toMatchObject({ password: PASSWORD });
  scenario.receive(failed(scenario.lastSent('login').requestId, 'login-failed'));
  expect(scenario.lastSent('login')).toMatchObject({ password: 'all feet' });
  letIn(scenario, scenario.lastSent('login').requestId);
  expect(scenario.client.session.state).toBe('registered');
  lose(scenario);
  scenario.receive(failed(scenario.lastSent('login').requestId, 'login-failed'));
  expect(scenario.client.session.end).toMatchObject({ kind: 'nickname-lost' });
});

// CHAT-ACCOUNT-5
test('a deleted account ends the session for good', () => {
  const scenario = Scenario.registered('ann', 0, { reconnects: true });
  const command = scenario.command({ type: 'delete-account', password: PASSWORD });
  const { requestId, password } = scenario.lastSent('delete-account');
  expect(password).toBe(PASSWORD);
  scenario.receive({ type: 'done', requestId });
  expect(scenario.resultOf(command)).toBeUndefined();
  scenario.receive({
    type: 'goodbye',
    code: 'account-deleted',
    message: 'gone',
    reconnectAfterMs: undefined,
  });
  expect(scenario.client.session.end).toMatchObject({ kind: 'goodbye', code: 'account-deleted' });
});

test('an account is made of a nickname that the client does not have yet', () => {
  const scenario = Scenario.greeted();
  const nameless = scenario.command({
    type: 'create-account',
    nickname: undefined,
    password: PASSWORD,
    invite: undefined,
  });
  expect(scenario.errorOf(nameless)).toMatchObject({ code: 'nickname-invalid' });
  const command = scenario.command({
    type: 'create-account',
    nickname: 'ann',
    password: PASSWORD,
    invite: undefined,
  });
  letIn(scenario, scenario.lastSent('create-account').requestId);
  expect(scenario.resultOf(command)).toEqual({ nickname: 'ann', room: 'lobby' });
});

// CHAT-KEY-1, CHAT-KEY-2
test('a key signs the challenge of the server that is seen, again when the client comes back', () => {
  const { credential, pem } = createLoginKey();
  const scenario = new Scenario({ reconnects: true });
  scenario.handle({ type: 'started' });
  greet(scenario, 'SHA256:seen');
  const login = scenario.command({ type: 'login', nickname: 'ann', credential });
  const isSignedFor = (fingerprint: string) => {
    const challenge = new Uint8Array(32).fill(scenario.sent.length) as Challenge;
    const { requestId } = scenario.lastSent('request-challenge');
    scenario.receive({ type: 'challenge', requestId, challenge });
    const { publicKey, signature } = scenario.lastSent('login-key');
    const parts = { challenge, serverName: 'here', fingerprint, nickname: 'ann', publicKey };
    return verify(null, loginTranscript(parts), createPublicKey(pem), signature);
  };
  expect(isSignedFor('SHA256:seen')).toBe(true);
  letIn(scenario, scenario.lastSent('login-key').requestId);
  expect(scenario.resultOf(login)).toMatchObject({ nickname: 'ann' });
  scenario.handle({
    type: 'connection-ended',
    trouble: { kind: 'broken', code: 'ECONNRESET', message: 'gone' },
  });
  scenario.pass(2_000);
  greet(scenario, 'SHA256:renewed');
  expect(isSignedFor('SHA256:renewed')).toBe(true);
  scenario.receive(failed(scenario.lastSent('login-key').requestId, 'login-failed'));
  expect(scenario.client.session.end).toMatchObject({ kind: 'nickname-lost' });
});

// CHAT-TOKEN-1, CHAT-TOKEN-2
test('a token lets a program in; keys and tokens are made, told and revoked', () => {
  const scenario = Scenario.greeted();
  const token = new Uint8Array(32).fill(7) as LoginToken;
  scenario.command({ type: 'login', nickname: 'ann', credential: { kind: 'token', token } });
  expect(scenario.lastSent('login-token').token).toEqual(token);
  letIn(scenario, scenario.lastSent('login-token').requestId);
  const make = scenario.command({ type: 'create-token', name: 'robot' });
  scenario.receive({ type: 'token', requestId: scenario.lastSent('create-token').requestId, token });
  expect(scenario.resultOf(make)).toEqual(token);
  const list = scenario.command({ type: 'list-credentials' });
  const credentials = [{ kind: 'token', name: 'robot', createdAt: 5 }] as const;
  const { requestId } = scenario.lastSent('list-credentials');
  scenario.receive({ type: 'credentials', requestId, credentials });
  expect(scenario.resultOf(list)).toEqual(credentials);
  const revoke = scenario.command({ type: 'revoke-credential', name: 'robot' });
  scenario.receive({ type: 'done', requestId: scenario.lastSent('revoke-credential').requestId });
  expect(scenario.resultOf(revoke)).toBeUndefined();
  const long = scenario.command({ type: 'create-token', name: 'x'.repeat(65) });
  expect(scenario.errorOf(long)).toMatchObject({ code: 'credential-name' });
});

test('keys and tokens are read back from their texts, and nothing else is', () => {
  const { credential, pem } = createLoginKey();
  expect(parseLoginKey(pem)?.publicKey).toEqual(credential.publicKey);
  expect(parseLoginKey('no key')).toBeUndefined();
  const token = new Uint8Array(32).fill(0xfb) as LoginToken;
  const text = formatLoginToken(token);
  expect(text).toMatch(/^parley_[A-Za-z0-9_-]{43}$/);
  expect(parseLoginToken(` ${text}\n`)).toEqual(token);
  for (const bad of ['', text.slice(0, -1), `${text}A`, 'parley_'])
    expect(parseLoginToken(bad)).toBeUndefined();
});

function greet(scenario: Scenario, fingerprint: string): void {
  scenario.handle({ type: 'connected', fingerprint });
  const about = { version: 1, serverName: 'here', serverTime: 5, motd: '', room: LOBBY };
  scenario.receive({ type: 'hello-ok', ...about });
}
