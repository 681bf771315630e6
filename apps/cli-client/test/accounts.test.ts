import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createParleyClient, formatLoginToken } from '@parley/client-core';
import { afterEach, expect, test } from 'vitest';
import { runProgram } from './support/program.ts';
import { TestRoom } from './support/test-room.ts';

let room: TestRoom;

afterEach(() => room.close());

// CHAT-ACCOUNT-1, CHAT-LOGIN-1
test('a nickname is registered with a password that nobody sees, and asked for it the next time', async () => {
  room = await TestRoom.open();
  const ann = room.enter({ nickname: 'ann' });
  await ann.sees('you are ann');
  ann.enter('/register');
  await ann.sees('new password');
  ann.type('all hands');
  await ann.sees('new password');
  ann.enter('');
  await ann.sees('once more');
  ann.enter('all hands');
  await ann.sees('ann is yours alone now');
  ann.enter('/quit');
  await ann.result;
  // The arrow keys bring back what was entered, and the password is not among it.
  expect(ann.screen.allLines.join('\n')).not.toContain('all hands');

  const again = room.enter({ nickname: 'Ann' });
  await again.sees('is registered: log in');
  await again.sees('password of Ann');
  again.enter('some hands');
  await again.sees('the nickname and the password do not belong together');
  again.enter('all hands');
  await again.sees('you are ann');
  again.type('\u001b[A');
  again.enter('/quit');
  await again.result;
  expect(again.screen.allLines.join('\n')).not.toContain('all hands');
});

// CHAT-ADMISSION-1
test('a server that takes no guests has the newcomer make an account', async () => {
  room = await TestRoom.open({}, {}, undefined, { admission: 'registered-only' });
  const ann = room.enter({ nickname: 'ann' });
  await ann.sees('takes users with an account only');
  ann.enter('all hands');
  ann.enter('all hats!');
  await ann.sees('not the same');
  ann.enter('ann');
  await ann.sees('make an account of it');
  ann.enter('all hands');
  ann.enter('all hands');
  ann.enter('');
  await ann.sees('you are ann');
});

// CHAT-ACCOUNT-5
test("an account is deleted with its password, and its nickname is nobody's", async () => {
  room = await TestRoom.open();
  const ann = room.enter({ nickname: 'ann' });
  await ann.sees('you are ann');
  await ann.makeAccount();
  ann.enter('/delete-account');
  await ann.sees('to delete the account for good');
  ann.enter('some hands');
  await ann.sees('that is not the password of your account');
  ann.enter('/delete-account');
  ann.enter('all hands');
  expect((await ann.result).problem).toContain('the account is deleted');
  const again = room.enter({ nickname: 'ann' });
  await again.sees('was deleted: choose another nickname');
});

test('a password is not shown when it is searched for among what was entered', async () => {
  room = await TestRoom.open();
  const ann = room.enter({ nickname: 'ann' });
  await ann.sees('you are ann');
  ann.enter('/register');
  await ann.sees('password');
  ann.type('\u0012all hands');
  await ann.screen.settle();
  expect(ann.screen.allLines.join('\n')).not.toContain('all hands');
});

// CHAT-KEY-1, CHAT-TOKEN-1, CHAT-TOKEN-2
test('a machine with a key comes in without a password, until the key is revoked', async () => {
  room = await TestRoom.open();
  const ann = room.enter({ nickname: 'ann' });
  await ann.sees('you are ann');
  ann.enter('/key laptop');
  await ann.sees('you have no account');
  await ann.makeAccount();
  ann.enter('/key laptop');
  await ann.sees('your account knows this machine as laptop');
  ann.enter('/token robot');
  await ann.sees(/robot, shown this once: parley_\S{43}/);
  ann.enter('/keys');
  await ann.sees(/laptop\s+key, of/);
  const second = room.enter({ nickname: 'ann' });
  await second.sees('you are ann');
  ann.enter('/revoke laptop');
  await ann.sees('laptop lets nobody in any more');
  expect((await second.result).problem).toContain('credential-revoked');
  const third = room.enter({ nickname: 'ann' });
  await third.sees('key of this machine do not belong together');
  await third.sees('password of ann');
  third.enter('all hands');
  await third.sees('you are ann');
});

// CHAT-TOKEN-1, CHAT-LOGIN-1, CHAT-ACCOUNT-1
test('a script comes in with what a file holds, and is told when that is wrong', async () => {
  room = await TestRoom.open();
  const { host, port } = room.address;
  const robot = createParleyClient({ host, port, downloadFolder: room.downloadFolder });
  await robot.connect();
  await robot.account.create({ nickname: 'robot', password: 'all hands' });
  const token = await robot.account.createToken('script');
  const files = {
    password: join(room.downloadFolder, 'password'),
    wrong: join(room.downloadFolder, 'wrong'),
    token: join(room.downloadFolder, 'token'),
  };
  await writeFile(files.password, 'all hands\n');
  await writeFile(files.wrong, 'some hands\n');
  await writeFile(files.token, `${formatLoginToken(token)}\n`);
  const env = { XDG_CONFIG_HOME: room.downloadFolder };
  const say = (text: string, ...options: string[]) =>
    runProgram(['say', `${host}:${port}`, text, '--nick', 'robot', ...options], { env });
  // One after the other: five programs at once keep each other from being served in time.
  const results = [
    await say('by password', '--password-file', files.password),
    await say('by token', '--token-file', files.token),
    await say('by nothing'),
    await say('by a guess', '--password-file', files.wrong),
    await say('by no file', '--password-file', join(room.downloadFolder, 'none')),
  ];
  expect(results.map(({ exitCode }) => exitCode)).toEqual([0, 0, 4, 4, 2]);
  expect(results[2]?.stderr).toContain('is registered: log in');
  expect(results[4]?.stderr).toContain('the password cannot be read (ENOENT)');
  const said = robot.messages().map(({ text }) => text);
  expect(said).toEqual(['by password', 'by token']);
  await robot.leave();
});
