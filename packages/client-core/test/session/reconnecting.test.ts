import type { ServerMessageOf } from '@parley/protocol';
import { describe, expect, test } from 'vitest';
import { nick, Scenario } from '../support/scenario.ts';

const DIRECT = '@0123456789abcdef0123456789abcdef';

/** The connection is lost, and made again up to the request for the nickname; gives that request's number. */
function cutAndGreet(scenario: Scenario): number {
  scenario.handle({ type: 'connection-ended', trouble: { kind: 'ended-by-peer' } });
  scenario.pass(1_000);
  scenario.handle({ type: 'connected' });
  scenario.receive({
    type: 'hello-ok',
    version: 1,
    serverName: 'here',
    serverTime: 5,
    motd: '',
    room: 'lobby' as never,
  });
  return scenario.lastSent('register').requestId;
}

function comeBack(scenario: Scenario): void {
  const requestId = cutAndGreet(scenario);
  scenario.enter();
  scenario.receive({ type: 'registered', requestId, nickname: nick('ann'), sessionId: 2 as never });
}

function refuse(
  scenario: Scenario,
  requestId: number,
  code: ServerMessageOf<'failed'>['code'],
  retryAfterMs?: number,
): void {
  scenario.receive({ type: 'failed', requestId, code, message: 'no', retryAfterMs });
}

const returning = () => Scenario.registered('ann', 0, { reconnects: true });

// CHAT-SAY-4
describe('a message that was under way when the connection was lost', () => {
  test('is sent again when the server can take it, and not told to have failed', () => {
    const scenario = returning();
    const command = scenario.command({ type: 'say', text: 'one' });
    comeBack(scenario);
    const first = scenario.lastSent('say');
    refuse(scenario, first.requestId, 'not-stored', 700);
    expect(scenario.settled.has(command)).toBe(false);
    scenario.pass(699);
    expect(scenario.lastSent('say')).toBe(first);
    scenario.pass(1);
    const { requestId, clientMessageId } = scenario.lastSent('say');
    expect(clientMessageId).toEqual(first.clientMessageId);
    expect(requestId).not.toBe(first.requestId);
    scenario.receive({ type: 'accepted', requestId, epoch: 7, sequence: 1, time: 3 });
    expect(scenario.resultOf(command)).toMatchObject({ sequence: 1 });
  });

  test('has an unknown fate when the server will not hear of it again', () => {
    const scenario = returning();
    const command = scenario.command({ type: 'say', text: 'one' });
    comeBack(scenario);
    refuse(scenario, scenario.lastSent('say').requestId, 'not-in-room');
    expect(scenario.errorOf(command).code).toBe('connection-ended');
    expect(scenario.client.outbox.entries).toEqual([]);
  });

  test('is another matter than one that was never sent: that has failed', () => {
    const scenario = returning();
    scenario.handle({ type: 'connection-ended', trouble: { kind: 'ended-by-peer' } });
    const command = scenario.command({ type: 'say', text: 'one' });
    comeBack(scenario);
    refuse(scenario, scenario.lastSent('say').requestId, 'not-stored', 700);
    expect(scenario.errorOf(command).code).toBe('not-stored');
  });
});

describe('a client that comes back', () => {
  // CHAT-REGISTER-4
  test('tries again when the server is too slow to give it its nickname', () => {
    const scenario = returning();
    cutAndGreet(scenario);
    const { connects } = scenario;
    scenario.pass(17_000);
    expect(scenario.told('closed')).toEqual([]);
    expect(scenario.connects).toBe(connects + 1);
  });

  // CHAT-REGISTER-3
  test('is out of a conversation that the server has no more', () => {
    const scenario = returning();
    scenario.enter({ room: DIRECT, peer: 'bob' });
    comeBack(scenario);
    expect(scenario.told('room-left')).toEqual([{ type: 'room-left', room: DIRECT }]);
  });

  // CHAT-ENTER-2
  test('stays in its rooms and lists their users when the server asks for patience', () => {
    const scenario = returning();
    scenario.enter({ room: 'kitchen' });
    comeBack(scenario);
    const asked = scenario.lastSent('join-room');
    refuse(scenario, asked.requestId, 'rate-limited', 300);
    refuse(scenario, scenario.lastSent('list-users').requestId, 'rate-limited', 300);
    const before = scenario.sent.length;
    scenario.pass(300);
    expect(scenario.told('room-left')).toEqual([]);
    expect(scenario.sent.slice(before).map(({ type }) => type)).toEqual(['join-room', 'list-users']);
  });

  // CHAT-GOODBYE-2
  test('does not, when its user was leaving', () => {
    const scenario = returning();
    const command = scenario.command({ type: 'leave', reason: '' });
    scenario.receive({ type: 'goodbye', code: 'server-stopping', message: '', reconnectAfterMs: 5 });
    expect(scenario.told('closed')).toHaveLength(1);
    expect(scenario.resultOf(command)).toBeUndefined();
  });
});

// CHAT-ENTER-3
test('a room whose leaving is not answered in time is left all the same', () => {
  const scenario = returning();
  scenario.enter({ room: 'kitchen' });
  const command = scenario.command({ type: 'leave-room', room: 'kitchen', reason: '' });
  scenario.pass(15_000);
  expect(scenario.resultOf(command)).toBeUndefined();
  expect(scenario.told('room-left')).toHaveLength(1);
});

// CHAT-LEAVE-1
test('the reason for leaving a room is cut to what can be sent', () => {
  const scenario = returning();
  scenario.enter({ room: 'kitchen' });
  scenario.command({ type: 'leave-room', room: 'kitchen', reason: `a\ud800${'ü'.repeat(200)}` });
  expect(scenario.lastSent('leave-room').reason).toBe(`a\ufffd${'ü'.repeat(126)}`);
});

// CHAT-ENTER-3
test('a room that came back before the late answer to its leaving is left then', () => {
  const scenario = returning();
  scenario.enter({ room: 'kitchen' });
  scenario.command({ type: 'leave-room', room: 'kitchen', reason: '' });
  const { requestId } = scenario.lastSent('leave-room');
  scenario.pass(15_000);
  // The server says where its rooms stand before it hears of the leaving.
  scenario.enter({ room: 'kitchen' });
  scenario.receive({ type: 'done', requestId });
  expect(scenario.client.rooms.find('kitchen')).toBeUndefined();
  expect(scenario.told('room-left')).toHaveLength(2);
});

// CHAT-DIRECT-1, CHAT-SAY-3
test('messages to one user keep their order while the conversation is being opened', () => {
  const scenario = returning();
  scenario.command({ type: 'direct', nickname: 'bob', text: 'one' });
  const { requestId } = scenario.lastSent('open-direct');
  // The other one opens it in the meantime.
  scenario.enter({ room: DIRECT, peer: 'bob' });
  scenario.command({ type: 'direct', nickname: 'bob', text: 'two' });
  expect(scenario.sentTypes()).not.toContain('say');
  scenario.receive({ type: 'done', requestId });
  const texts = scenario.sent.flatMap((sent) => (sent.type === 'say' ? [sent.text] : []));
  expect(texts).toEqual(['one', 'two']);
});
