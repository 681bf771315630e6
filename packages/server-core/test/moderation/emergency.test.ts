import type { EmergencyLevel } from '@parley/protocol';
import { expect, test } from 'vitest';
import { START_TIME, secretOf, type VirtualClient, VirtualServer } from '../support/virtual-server.ts';

function open() {
  const server = new VirtualServer({ operatorCode: 'c0de' });
  const boss = server.owner('boss', { invite: 'c0de' });
  const [ann, guest] = [server.owner('ann'), server.user('guest')];
  for (const client of [boss, ann, guest]) client.take();
  return { server, boss, ann, guest };
}

function setEmergency(client: VirtualClient, level: EmergencyLevel): string | undefined {
  client.take();
  client.send({ type: 'set-emergency', requestId: 1, level });
  return client.outcome();
}

function readAudit(client: VirtualClient, room?: string, cursor?: string, limit = 0) {
  client.take();
  client.send({ type: 'read-audit', requestId: 2, room, cursor, limit });
  return client.takeOnly('audit')[0];
}

// CHAT-EMERGENCY-1
test.each([
  ['registered', 'registered'],
  ['closed', 'registration-closed'],
] as const)('an emergency, %s: guests go, users stay, a new account gets %s', (level, newcomers) => {
  const { server, boss, ann, guest } = open();
  expect(setEmergency(ann, level)).toBe('not-permitted');
  expect(setEmergency(boss, level)).toBe('done');
  expect(guest.outcome()).toBe('not-admitted');
  expect(ann.isClosed).toBe(false);
  const observer = server.observer();
  observer.register('another');
  expect(observer.outcome()).toBe('account-required');
  observer.createAccount('another');
  expect(observer.outcome()).toBe(newcomers);
  const phone = server.observer();
  phone.login('ann');
  expect(phone.outcome()).toBe('registered');
  // Who starts the server anew does not open it to a crowd that waits.
  const after = new VirtualServer({ accounts: server.accounts });
  const early = after.observer();
  early.register('early');
  expect(early.outcome()).toBe('account-required');
  expect(setEmergency(boss, 'off')).toBe('done');
  observer.take();
  const late = server.observer();
  late.register('late', secretOf('late'));
  expect(late.outcome()).toBe('registered');
});

// CHAT-EMERGENCY-1
test('a level that nobody knows changes nothing', () => {
  const { boss, guest } = open();
  expect(setEmergency(boss, 'unknown')).toBe('not-permitted');
  expect(guest.isClosed).toBe(false);
});

// CHAT-AUDIT-1
test('what was decided is told page by page, of a room to those who keep it', () => {
  const { server, boss, ann, guest } = open();
  ann.createRoom('den');
  guest.joinRoom('den');
  server.now += 5;
  ann.moderate('kick', 'guest', 'den', { reason: 'noise' });
  ann.configureRoom('den', { slowModeMs: 2_000 });
  setEmergency(boss, 'registered');
  const all = readAudit(boss, undefined, undefined, 2);
  expect(all?.entries.map(({ by, action, target }) => [by, action, target])).toEqual([
    ['boss', 'set-emergency', 'registered'],
    ['ann', 'configure-room', 'den'],
  ]);
  const older = readAudit(boss, undefined, all?.nextCursor, 2);
  expect(older).toMatchObject({
    entries: [
      { time: START_TIME + 5, by: 'ann', action: 'kick', room: 'den', target: 'guest', detail: 'noise' },
      { by: 'boss', action: 'become-operator', room: undefined, target: 'boss' },
    ],
    nextCursor: undefined,
  });
  expect(readAudit(ann, 'den')?.entries.map(({ action }) => action)).toEqual(['configure-room', 'kick']);
  expect(readAudit(ann)).toBeUndefined();
  boss.send({ type: 'read-audit', requestId: 2, room: undefined, cursor: 'x', limit: 0 });
  expect(boss.outcome()).toBe('cursor-invalid');
});

// CHAT-AUDIT-1
test('every decision is told', () => {
  const { boss } = open();
  boss.createRoom('den');
  const actions = ['kick', 'mute', 'unmute', 'ban', 'unban'] as const;
  for (const action of actions) boss.moderate(action, 'ann', 'den');
  boss.setRole('ann', 'moderator', 'den');
  boss.configureRoom('den', { entry: 'invited' });
  boss.send({ type: 'invite-user', requestId: 3, room: 'den', nickname: 'guest' });
  boss.send({ type: 'create-invite', requestId: 4 });
  setEmergency(boss, 'off');
  const others = ['set-role', 'configure-room', 'invite-user', 'create-invite', 'set-emergency'];
  const told = readAudit(boss)?.entries.map(({ action }) => action);
  expect(told?.reverse()).toEqual(['become-operator', ...actions, ...others]);
});

// CHAT-AUDIT-1
test('what could not be kept is not in the audit log either', () => {
  const { server, boss, ann } = open();
  server.accountTrouble = 'the disk is full';
  boss.moderate('ban', 'ann', undefined);
  expect(boss.outcome()).toBe('not-stored');
  server.accountTrouble = undefined;
  expect(readAudit(boss)?.entries.map(({ action }) => action)).toEqual(['become-operator']);
  expect(ann.isClosed).toBe(false);
});
