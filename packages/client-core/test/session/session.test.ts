import { expect, test } from 'vitest';
import { describeSessionEnd } from '../../src/index.ts';
import { LOBBY, nick, Scenario } from '../support/scenario.ts';

test('says hello once the connection is there, and tells who answered', () => {
  const scenario = new Scenario();
  scenario.handle({ type: 'started' });
  expect(scenario.sent).toEqual([]);
  scenario.handle({ type: 'connected' });
  expect(scenario.sent).toEqual([{ type: 'hello', versionMin: 1, versionMax: 1, agent: 'test' }]);
  scenario.receive({
    type: 'hello-ok',
    version: 1,
    serverName: 'here',
    serverTime: 5,
    motd: 'hi',
    room: LOBBY,
  });
  expect(scenario.client.session.state).toBe('choosing-nickname');
  expect(scenario.told('server-greeted')[0]?.server).toEqual({
    name: 'here',
    messageOfTheDay: 'hi',
    room: 'lobby',
    protocolVersion: 1,
    time: 5,
  });
});

test('a version that was not offered ends the session', () => {
  const scenario = new Scenario();
  scenario.handle({ type: 'started' });
  scenario.handle({ type: 'connected' });
  scenario.receive({ type: 'hello-ok', version: 2, serverName: '', serverTime: 0, motd: '', room: LOBBY });
  expect(scenario.client.session.end).toMatchObject({ kind: 'protocol-violation' });
});

test('a second hello-ok ends the session', () => {
  const scenario = Scenario.greeted();
  scenario.receive({ type: 'hello-ok', version: 1, serverName: '', serverTime: 0, motd: '', room: LOBBY });
  expect(scenario.client.session.end).toMatchObject({ kind: 'protocol-violation' });
});

test('a taken nickname is refused and another one may be tried on the same connection', () => {
  const scenario = Scenario.greeted();
  const first = scenario.command({ type: 'register', nickname: 'ann' });
  const { requestId } = scenario.lastSent('register');
  scenario.receive({
    type: 'failed',
    requestId,
    code: 'nickname-taken',
    message: 'ann is here',
    retryAfterMs: undefined,
  });
  expect(scenario.errorOf(first)).toMatchObject({ code: 'nickname-taken', message: 'ann is here' });
  const second = scenario.command({ type: 'register', nickname: 'anna' });
  scenario.receive({
    type: 'registered',
    requestId: scenario.lastSent('register').requestId,
    nickname: nick('anna'),
    sessionId: 2 as never,
  });
  expect(scenario.resultOf(second)).toEqual({ nickname: 'anna', room: 'lobby' });
  expect(scenario.client.session.state).toBe('registered');
});

test('a nickname that no server would take is refused without asking one', () => {
  const scenario = Scenario.greeted();
  const command = scenario.command({ type: 'register', nickname: 'two words' });
  expect(scenario.errorOf(command).code).toBe('nickname-invalid');
  expect(scenario.sentTypes()).not.toContain('register');
});

test('speaking before having a nickname is refused here', () => {
  const scenario = Scenario.greeted();
  const command = scenario.command({ type: 'say', text: 'hello' });
  const { code, message } = scenario.errorOf(command);
  expect([code, message]).toEqual(['wrong-state', 'that needs a nickname first']);
});

test('what the server would have to answer is refused in plain words while the connection is away', () => {
  const scenario = Scenario.registered('ann', 0, { reconnects: true });
  scenario.handle({ type: 'connection-ended', trouble: { kind: 'ended-by-peer' } });
  const command = scenario.command({ type: 'list-rooms' });
  const { code, message } = scenario.errorOf(command);
  expect(code).toBe('wrong-state');
  expect(message).toBe('there is no connection to the server right now; try again when it is back');
});

// CHAT-FAILED-1
test('a refusal carries the time after which another try makes sense', () => {
  const scenario = Scenario.registered();
  const command = scenario.command({ type: 'say', text: 'again' });
  const { requestId } = scenario.lastSent('say');
  scenario.receive({ type: 'failed', requestId, code: 'rate-limited', message: 'slowly', retryAfterMs: 400 });
  expect(scenario.errorOf(command)).toMatchObject({ code: 'rate-limited', retryAfterMs: 400 });
});

test('leaving waits for the goodbye of the server', () => {
  const scenario = Scenario.registered();
  const command = scenario.command({ type: 'leave', reason: 'supper' });
  expect(scenario.lastSent('leave').reason).toBe('supper');
  expect(scenario.client.session.state).toBe('leaving');
  expect(scenario.settled.has(command)).toBe(false);
  scenario.receive({ type: 'goodbye', code: 'left', message: '', reconnectAfterMs: undefined });
  expect(scenario.resultOf(command)).toBeUndefined();
  expect(scenario.told('closed')).toEqual([{ type: 'closed', end: { kind: 'left' } }]);
});

test('leaving ends after two seconds when no goodbye comes', () => {
  const scenario = Scenario.registered();
  const command = scenario.command({ type: 'leave', reason: '' });
  scenario.pass(1_999);
  expect(scenario.client.session.state).toBe('leaving');
  scenario.pass(1);
  expect(scenario.client.session.end).toEqual({ kind: 'left' });
  expect(scenario.settled.has(command)).toBe(true);
  expect(scenario.others).toEqual([{ type: 'end-connection' }]);
});

test('a reason that is too long for the wire is cut between characters', () => {
  const scenario = Scenario.registered();
  scenario.command({ type: 'leave', reason: '🙂'.repeat(100) });
  expect(scenario.lastSent('leave').reason).toBe('🙂'.repeat(64));
});

test('a reason as long as a pasted book is cut at once', () => {
  const scenario = Scenario.registered();
  scenario.command({ type: 'leave', reason: 'é'.repeat(1_000_000) });
  expect(scenario.lastSent('leave').reason).toBe('é'.repeat(128));
});

test('a message that was accepted while leaving still counts', () => {
  const scenario = Scenario.registered();
  const said = scenario.command({ type: 'say', text: 'last words' });
  scenario.command({ type: 'leave', reason: '' });
  const { requestId } = scenario.lastSent('say');
  scenario.receive({ type: 'accepted', requestId, epoch: 7, sequence: 1, time: 9 });
  expect(scenario.resultOf(said)).toEqual({ epoch: 7, sequence: 1, time: 9 });
});

// CHAT-GOODBYE-1
test('the goodbye of the server ends the session with its reason', () => {
  const scenario = Scenario.registered();
  const pending = scenario.command({ type: 'say', text: 'hello?' });
  scenario.receive({
    type: 'goodbye',
    code: 'server-stopping',
    message: 'back at noon',
    reconnectAfterMs: 5_000,
  });
  const end = {
    kind: 'goodbye',
    code: 'server-stopping',
    message: 'back at noon',
    reconnectAfterMs: 5_000,
  } as const;
  expect(scenario.told('closed')).toEqual([{ type: 'closed', end }]);
  expect(describeSessionEnd(end)).toBe('the server ended the connection (server-stopping): back at noon');
  expect(scenario.errorOf(pending).code).toBe('connection-ended');
  expect(scenario.others).toEqual([{ type: 'end-connection' }]);
});

test('a lost connection is told once, with the reason, and fails what was pending', () => {
  const scenario = Scenario.registered();
  const pending = scenario.command({ type: 'list-files' });
  const trouble = { kind: 'broken', code: 'ECONNRESET', message: 'the network cut it' } as const;
  scenario.handle({ type: 'connection-ended', trouble });
  scenario.handle({ type: 'connection-ended', trouble: { kind: 'ended-by-peer' } });
  expect(scenario.told('closed')).toEqual([
    { type: 'closed', end: { kind: 'connection-lost', message: 'the network cut it' } },
  ]);
  expect(scenario.errorOf(pending)).toMatchObject({ code: 'connection-ended' });
  expect(scenario.client.deadline).toBeUndefined();
});

test('a connection that cannot be made ends with the words of its owner', () => {
  const scenario = new Scenario();
  scenario.handle({ type: 'started' });
  const trouble = { kind: 'connect-failed', code: 'ECONNREFUSED', message: 'nobody listens' } as const;
  scenario.handle({ type: 'connection-ended', trouble });
  expect(scenario.client.session.end).toEqual({
    kind: 'connect-failed',
    code: 'ECONNREFUSED',
    message: 'nobody listens',
  });
});

test.each([
  ['connecting', 10_000, { kind: 'connect-failed', code: 'ETIMEDOUT' }],
  ['hello-sent', 10_000, { kind: 'hello-timed-out' }],
])('a session that stays %s ends', (state, limitMs, end) => {
  const scenario = new Scenario();
  scenario.handle({ type: 'started' });
  if (state === 'hello-sent') scenario.handle({ type: 'connected' });
  scenario.pass(limitMs - 1);
  expect(scenario.client.session.state).toBe(state);
  scenario.pass(1);
  expect(scenario.client.session.end).toMatchObject(end);
});

// CHAT-PING-1
test('a ping is answered with its nonce', () => {
  const scenario = Scenario.registered();
  scenario.receive({ type: 'ping', nonce: 77 });
  expect(scenario.lastSent('pong')).toEqual({ type: 'pong', nonce: 77 });
});

// CHAT-PING-2
test('silence leads to a ping after 25 s and to the end after 60 s', () => {
  const scenario = Scenario.registered();
  scenario.pass(24_999);
  expect(scenario.sentTypes()).not.toContain('ping');
  scenario.pass(1);
  expect(scenario.sentTypes().filter((type) => type === 'ping')).toHaveLength(1);
  scenario.pass(34_999);
  expect(scenario.client.session.state).toBe('registered');
  scenario.pass(1);
  expect(scenario.client.session.end).toEqual({ kind: 'server-silent', silentMs: 60_000 });
  expect(scenario.sentTypes().filter((type) => type === 'ping')).toHaveLength(1);
});

test('an answered ping keeps the session alive and measures the round trip', () => {
  const scenario = Scenario.registered();
  scenario.pass(25_000);
  scenario.now += 40;
  scenario.receive({ type: 'pong', nonce: scenario.lastSent('ping').nonce });
  expect(scenario.client.session.roundTripMs).toBe(40);
  const pings = () => scenario.sentTypes().filter((type) => type === 'ping').length;
  scenario.pass(24_999);
  expect(pings()).toBe(1);
  scenario.pass(1);
  expect(pings()).toBe(2);
  scenario.pass(34_999);
  expect(scenario.client.session.state).toBe('registered');
});

// CHAT-PING-1
test('the round trip is measured when somebody asks, by one ping for all who ask', () => {
  const scenario = Scenario.registered();
  const commands = [scenario.command({ type: 'measure-round-trip' })];
  scenario.now += 10;
  commands.push(scenario.command({ type: 'measure-round-trip' }));
  expect(scenario.sentTypes().filter((type) => type === 'ping')).toHaveLength(1);
  scenario.now += 15;
  scenario.receive({ type: 'pong', nonce: 0 });
  expect(scenario.settled.has(commands[0] ?? 0)).toBe(false);
  scenario.receive({ type: 'pong', nonce: scenario.lastSent('ping').nonce });
  expect(commands.map((command) => scenario.resultOf(command))).toEqual([25, 25]);
});

test('a measurement without an answer fails with the connection', () => {
  const scenario = Scenario.registered();
  const command = scenario.command({ type: 'measure-round-trip' });
  scenario.handle({ type: 'connection-ended', trouble: { kind: 'ended-by-peer' } });
  expect(scenario.errorOf(command).code).toBe('connection-ended');
});

// CHAT-REQUEST-1
test('a request without an answer fails after 15 s, and a late answer changes nothing', () => {
  const scenario = Scenario.registered();
  const command = scenario.command({ type: 'list-files' });
  scenario.pass(14_999);
  expect(scenario.settled.has(command)).toBe(false);
  scenario.pass(1);
  expect(scenario.errorOf(command).code).toBe('request-timed-out');
  const before = scenario.notifications.length;
  scenario.receive({
    type: 'files',
    requestId: scenario.lastSent('list-files').requestId,
    files: [],
    nextCursor: undefined,
  });
  expect(scenario.notifications).toHaveLength(before);
  expect(scenario.client.session.state).toBe('registered');
});

test('an answer of the wrong kind ends the session', () => {
  const scenario = Scenario.registered();
  scenario.command({ type: 'say', text: 'hello' });
  scenario.receive({ type: 'done', requestId: scenario.lastSent('say').requestId });
  expect(scenario.client.session.end).toMatchObject({ kind: 'protocol-violation' });
});

test('requests beyond the limit are refused here', () => {
  const scenario = Scenario.registered();
  const commands = Array.from({ length: 65 }, () => scenario.command({ type: 'say', text: 'x' }));
  expect(scenario.settled.has(commands[63] as number)).toBe(false);
  expect(scenario.errorOf(commands[64] as number).code).toBe('too-many-requests');
});

test('a session that has ended does nothing more, whoever asks', () => {
  const scenario = Scenario.registered();
  scenario.handle({ type: 'abandoned' });
  const command = scenario.command({ type: 'say', text: 'hello' });
  expect(scenario.errorOf(command).code).toBe('wrong-state');
  scenario.receive({ type: 'ping', nonce: 1 });
  expect(scenario.sentTypes()).not.toContain('pong');
});

// CHAT-DRAIN-1
test('a server that will stop soon is told of, and the session goes on', () => {
  const scenario = Scenario.greeted();
  const message = 'an update';
  scenario.receive({ type: 'server-draining', endsWithinMs: 30_000, returnAfterMs: 5_000, message });
  expect(scenario.told('server-draining')).toEqual([
    { type: 'server-draining', endsWithinMs: 30_000, returnAfterMs: 5_000, message },
  ]);
  expect(scenario.client.session.state).toBe('choosing-nickname');
});
