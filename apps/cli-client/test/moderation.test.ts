import { createMemoryAccountStore } from '@parley/server-core';
import { afterEach, expect, test } from 'vitest';
import { type Person, TestRoom } from './support/test-room.ts';

let room: TestRoom;

afterEach(() => room.close());

/** Somebody with an account, who has made a room. */
async function owner(nickname: string, invite = ''): Promise<Person> {
  const person = room.enter({ nickname });
  await person.sees(`you are ${nickname}`);
  await person.makeAccount(invite);
  person.enter('/create den');
  await person.sees('in den');
  return person;
}

// CHAT-MODERATE-1, CHAT-MODERATE-2, CHAT-MODERATE-3, CHAT-MODERATE-4, CHAT-SLOW-2, CHAT-ENTRY-1
test('the owner of a room keeps it in order, and everybody sees what happens to them', async () => {
  room = await TestRoom.open();
  const ann = await owner('ann');
  const bob = room.enter({ nickname: 'bob' });
  await bob.sees('you are bob');
  bob.enter('/join den');
  await bob.sees('in den');
  bob.enter('/kick ann');
  await bob.sees('that is for operator, owner, moderator here');
  ann.enter('/mute bob for 10m too loud');
  await ann.sees('bob may read and not write in den');
  await bob.sees(/ann muted you in den until \S+ \S+ UTC: too loud/);
  bob.enter('hello?');
  await bob.sees('not sent: you may read here, and not write');
  ann.enter('/roles');
  await ann.sees(/bob\s+muted until/);
  bob.enter('/users');
  await bob.sees('2 here: ~ann, bob');
  ann.enter('/unmute bob');
  await bob.sees('ann lets you write in den again');
  ann.enter('/slow 10s');
  await ann.sees('one message in 10s in den');
  ann.enter('/mute bob for long');
  await ann.sees('may read and not write in den');
  ann.enter('/slow soon');
  await ann.sees('"soon" is no time');
  ann.enter('/slow off');
  await ann.sees('no slow mode in den');
  ann.enter('/ban bob spam');
  await bob.sees('ann banned you from den for good: spam');
  bob.enter('/join den');
  await bob.sees('you may not come into den, for good: spam');
  ann.enter('/bans');
  await ann.sees(/#1 bob\s+by ann, for good: spam/);
  ann.enter('/unban #1');
  await ann.sees('#1 is no longer banned in den');
  ann.enter('/entry invited');
  await ann.sees('den is for those who were invited');
  ann.enter('/invite bob');
  await bob.sees('ann invites you: /join den');
});

// CHAT-ADMISSION-2, CHAT-MODERATE-5
test('the operator of a server keeps it in order', async () => {
  room = await TestRoom.open({}, {}, undefined, { accountStore: createMemoryAccountStore() });
  const boss = await owner('boss', room.operatorCode);
  const bob = room.enter({ nickname: 'bob' });
  await bob.sees('you are bob');
  boss.enter('/invite-code');
  await boss.sees(/\/register [0-9a-f]{20} works once, until/);
  boss.enter('/server-ban 192.0.2.0/24 for 1d raid');
  await boss.sees('192.0.2.0/24 is banned');
  boss.enter('/server-bans');
  await boss.sees(/#1 192\.0\.2\.0\/24\s+by boss, until .*: raid/);
  boss.enter('/server-role bob operator');
  await boss.sees('bob has no account');
  boss.enter('/server-audit');
  await boss.sees(/UTC\s+boss: ban 192\.0\.2\.0\/24 \(raid\)/);
  boss.enter('/emergency total');
  await boss.sees('is none of off, registered, closed');
  const guest = room.enter({ nickname: 'guest' });
  await guest.sees('you are guest');
  boss.enter('/server-kick bob out');
  const { exitCode, problem } = await bob.result;
  expect({ exitCode, problem }).toEqual({
    exitCode: 3,
    problem: 'the server ended the connection (kicked): sent away by boss: out',
  });
  // CHAT-EMERGENCY-1
  boss.enter('/emergency closed');
  await boss.sees('the server takes nobody new now');
  expect((await guest.result).problem).toContain(
    '(not-admitted): the server takes users with an account only',
  );
});

// CHAT-ROLE-5
test('the list of users on a full screen says who is in charge, also when that changes', async () => {
  room = await TestRoom.open();
  const bob = await owner('bob');
  const ann = room.enter({ nickname: 'ann', isFullScreen: true, columns: 110, rows: 20 });
  await ann.sees('you are ann');
  await ann.makeAccount();
  ann.enter('/join den');
  const rows = () => ann.screen.lines.map((line) => line.slice(97).trim()).filter((text) => text !== '');
  await ann.screen.until(() => rows().join(' ').includes('2 here ~bob ann'), 'for the owner');
  bob.enter('/role ann moderator');
  await ann.screen.until(() => rows().join(' ').includes('2 here ~bob @ann'), 'for the moderator');
  bob.enter('/role ann member');
  await ann.screen.until(() => rows().join(' ').includes('2 here ~bob ann'), 'for the member');
});
