import type { ServerMessageOf } from '@parley/protocol';
import { expect, test } from 'vitest';
import { nick, Scenario } from './support/scenario.ts';

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
