import { expect, test } from 'vitest';
import { LOBBY, nick, Scenario } from '../support/scenario.ts';

const done = (scenario: Scenario) => {
  const { requestId } = scenario.sent.at(-1) as { requestId: number };
  scenario.receive({ type: 'done', requestId });
};

// CHAT-MODERATE-1, CHAT-ROLE-4, CHAT-ENTRY-1, CHAT-SLOW-2
test('what somebody in charge wants is sent, and done when the server says so', () => {
  const scenario = Scenario.registered();
  const ban = { type: 'moderate', action: 'ban', target: 'bob', durationMs: 60_000, reason: 'spam' } as const;
  const commands = [
    { ...ban, room: LOBBY },
    { ...ban, room: undefined },
    { type: 'set-role', nickname: 'bob', role: 'moderator', room: LOBBY },
    { type: 'configure-room', room: LOBBY, entry: 'invited', slowModeMs: undefined },
    { type: 'invite-user', nickname: 'bob', room: LOBBY },
    { type: 'set-emergency', level: 'closed' },
  ] as const;
  for (const command of commands) {
    const id = scenario.command(command);
    const { requestId, ...sent } = scenario.sent.at(-1) as { requestId: number };
    expect(sent).toEqual(command);
    done(scenario);
    expect(scenario.resultOf(id)).toBeUndefined();
  }
});

test('what the protocol has no place for is refused here', () => {
  const scenario = Scenario.registered();
  const kick = { type: 'moderate', action: 'kick', room: LOBBY, durationMs: undefined } as const;
  const long = scenario.command({ ...kick, target: 'bob', reason: 'x'.repeat(257) });
  expect(scenario.errorOf(long)).toMatchObject({ code: 'text-invalid' });
  const wide = scenario.command({ ...kick, target: 'x'.repeat(129), reason: '' });
  expect(scenario.errorOf(wide)).toMatchObject({ code: 'text-invalid' });
  expect(scenario.sentTypes()).not.toContain('moderate');
});

// CHAT-LIST-6
test('bans are collected page by page', () => {
  const scenario = Scenario.registered();
  const id = scenario.command({ type: 'list-bans', room: LOBBY });
  const ban = { target: 'bob', by: nick('ann'), reason: '', time: 5, until: undefined };
  for (const [banId, nextCursor] of [
    [1, '1'],
    [2, undefined],
  ] as const) {
    const { requestId } = scenario.lastSent('list-bans');
    scenario.receive({ type: 'bans', requestId, room: LOBBY, bans: [{ ...ban, banId }], nextCursor });
  }
  expect(scenario.resultOf(id)).toMatchObject([{ banId: 1 }, { banId: 2 }]);
  expect(scenario.lastSent('list-bans').cursor).toBe('1');
});

// CHAT-ROLE-1, CHAT-ADMISSION-1
test('roles and invite codes are given as they come', () => {
  const scenario = Scenario.registered();
  const roles = scenario.command({ type: 'list-roles', room: undefined });
  const answer = { entry: 'open', slowModeMs: 0, roles: [] } as const;
  const { requestId } = scenario.lastSent('list-roles');
  scenario.receive({ type: 'roles', requestId, room: undefined, ...answer });
  expect(scenario.resultOf(roles)).toEqual(answer);
  const invite = scenario.command({ type: 'create-invite' });
  const { requestId: inviteId } = scenario.lastSent('create-invite');
  scenario.receive({ type: 'invite-code', requestId: inviteId, code: 'c0de', expiresAt: 7 });
  expect(scenario.resultOf(invite)).toEqual({ code: 'c0de', expiresAt: 7 });
});

// CHAT-AUDIT-1
test('decisions are given a page at a time', () => {
  const scenario = Scenario.registered();
  const id = scenario.command({ type: 'read-audit', room: LOBBY, cursor: '9' });
  const { requestId, ...sent } = scenario.lastSent('read-audit');
  expect(sent).toMatchObject({ room: LOBBY, cursor: '9', limit: 50 });
  const by = nick('ann');
  const entries = [{ time: 5, by, action: 'ban', room: LOBBY, target: 'bob', detail: '' }];
  scenario.receive({ type: 'audit', requestId, entries, nextCursor: '3' });
  expect(scenario.resultOf(id)).toEqual({ entries, nextCursor: '3' });
});

// CHAT-MODERATE-2, CHAT-MODERATE-3
test('who is sent out of a room is no longer in it, and is told why', () => {
  const scenario = Scenario.registered();
  scenario.enter({ room: 'den' });
  const by = nick('bob');
  scenario.receive({
    type: 'muted',
    room: undefined,
    isMuted: 1,
    by,
    reason: 'caps',
    until: 9,
  });
  scenario.receive({
    type: 'removed',
    room: 'den' as never,
    by,
    reason: 'spam',
    isBanned: 0,
    until: undefined,
  });
  expect(scenario.told('muted')).toMatchObject([
    { room: undefined, isMuted: true, reason: 'caps', until: 9 },
  ]);
  expect(scenario.told('removed')).toMatchObject([
    { room: 'den', by: 'bob', isBanned: false, reason: 'spam' },
  ]);
  expect(scenario.told('room-left')).toMatchObject([{ room: 'den' }]);
  expect(scenario.client.rooms.all.map(({ name }) => name)).toEqual(['lobby']);
});

// CHAT-ROLE-5
test('a change of a role is told', () => {
  const scenario = Scenario.registered();
  const change = { type: 'role-changed', room: LOBBY, nickname: nick('bob'), role: 'moderator' } as const;
  scenario.receive(change);
  expect(scenario.told('role-changed')).toEqual([change]);
});
