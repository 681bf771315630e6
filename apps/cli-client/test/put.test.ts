// Uploads as a person and as a script see them: real bytes, a real server, the program itself.
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTransferEngine } from '@parley/server-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { announcementWords, outcomeWords } from '../src/interactive/announced-file.ts';
import { resultOf, runProgram, startProgram } from './support/program.ts';
import { TestRoom } from './support/test-room.ts';

/** Gives the exit code of what is piped. */
const INTO_HEAD = ['bash', '-o', 'pipefail', '-c', '"$0" "$@" | head -c 1'];

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-put-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('with a server that takes files', () => {
  let room: TestRoom;
  let address = '';
  beforeAll(async () => {
    const transferHost = await openTransferEngine({ host: '127.0.0.1', port: 0 });
    room = await TestRoom.open(
      { 'taken.txt': 'here first', 'large.txt': 'x'.repeat(4_000_000) },
      { transferHost },
    );
    address = `127.0.0.1:${room.address.port}`;
  });
  afterAll(() => room.close());

  // CHAT-UPLOAD-6
  test('what is put is told to the room, and got by the number of that message', async () => {
    writeFileSync(join(folder, 'my cat.txt'), 'a cat');
    const ann = room.enter({ nickname: 'ann' });
    const bob = room.enter({ nickname: 'bob' });
    await ann.sees('you are ann');
    await bob.sees('you are bob');
    ann.enter(`/put "${join(folder, 'my cat.txt')}"`);
    await ann.sees(/upload 1: my cat.txt, 5 B.*verified/);
    await bob.sees(/<ann> has uploaded my cat.txt, 5 B: \/get 1/);
    bob.enter('/get 1');
    await bob.sees(/download 1: .*my cat.txt.*verified/);
    ann.enter('/quit');
    bob.enter('/quit');
    await Promise.all([ann.result, bob.result]);
  });

  test('a name that is taken, and a file that is not there, are told with words', async () => {
    writeFileSync(join(folder, 'a.txt'), 'other');
    const ann = room.enter({ nickname: 'ann' });
    await ann.sees('you are ann');
    ann.enter(`/put ${join(folder, 'a.txt')} as taken.txt`);
    await ann.sees(/upload 1: taken.txt failed: the shared folder has a taken.txt already/);
    ann.enter(`/put ${join(folder, 'nothing.txt')}`);
    await ann.sees('there is no file');
    ann.enter('/quit');
    await ann.result;
  });

  // CHAT-SEND-1, CHAT-SEND-2, CHAT-SEND-3, CHAT-SEND-5
  test('what is sent to somebody is accepted or declined, and nobody else can have it', async () => {
    for (const name of ['for bob.txt', 'no thanks.txt']) writeFileSync(join(folder, name), name);
    const [ann, bob, carol] = ['ann', 'bob', 'carol'].map((nickname) => room.enter({ nickname }));
    if (!ann || !bob || !carol) throw new Error('three people were entered');
    await Promise.all([ann, bob, carol].map((person) => person.sees('you are')));
    ann.enter(`/send bob "${join(folder, 'for bob.txt')}"`);
    await bob.sees('sends for bob.txt, 11 B: /accept or /decline');
    await ann.sees('for bob.txt, 11 B waits to be accepted');
    carol.enter('/accept');
    await carol.sees('nobody has sent you anything that waits');
    ann.enter('/accept');
    await ann.sees('nobody has sent you anything that waits');
    ann.enter(`/send bob "${join(folder, 'no thanks.txt')}"`);
    await bob.sees('sends no thanks.txt');
    bob.enter('/decline');
    await bob.sees('no thanks.txt from ann is removed');
    await ann.sees('has declined no thanks.txt');
    bob.enter('/accept ann');
    await bob.sees('download 1: for bob.txt from ann');
    await bob.sees(/download 1: .*for bob.txt.*verified/);
    await ann.sees('has accepted for bob.txt');
    bob.enter('/transfers');
    await bob.sees(/for bob.txt from ann .*: done/);
    bob.enter('/files');
    await bob.sees('taken.txt');
    expect(bob.screen.allLines.join('\n')).not.toMatch(/ @[0-9a-f]{32}/);
    for (const person of [ann, bob, carol]) person.enter('/quit');
    await Promise.all([ann, bob, carol].map((person) => person.result));
  });

  // CHAT-SEND-1, CHAT-SEND-4, CHAT-FOLDER-8
  test('a folder is sent, seen as one, and accepted by the number of its message', async () => {
    const docs = join(folder, 'docs');
    mkdirSync(join(docs, 'deep'), { recursive: true });
    for (const name of ['a.txt', 'deep/b.txt', '.hidden']) writeFileSync(join(docs, name), name);
    writeFileSync(join(folder, 'later.txt'), 'later');
    const ann = room.enter({ nickname: 'ann' });
    const bob = room.enter({ nickname: 'bob', isFullScreen: true, columns: 140 });
    await Promise.all([ann, bob].map((person) => person.sees('you are')));
    ann.enter(`/send bob ${docs}/`);
    await ann.sees('docs/, 2 files, 15 B waits to be accepted');
    await ann.sees('.hidden');
    ann.enter(`/send bob ${join(folder, 'later.txt')}`);
    await ann.sees('later.txt, 5 B waits to be accepted');
    bob.enter('/decline 1');
    await bob.sees('1 is not one who has sent you anything that waits');
    bob.type('\u001b2');
    await bob.sees('sends docs/, 2 files, 15 B: /accept 1 or /decline 1');
    bob.enter(`/accept 1 to ${join(folder, 'taken')}`);
    await bob.sees(/download 1: .*taken.*verified/);
    await ann.sees('has accepted docs/');
    expect(readFileSync(join(folder, 'taken', 'deep', 'b.txt'), 'utf8')).toBe('deep/b.txt');
    expect(readdirSync(join(folder, 'taken')).sort()).toEqual(['a.txt', 'deep']);
    bob.enter('/decline 2');
    await bob.sees('later.txt from ann is removed');
    bob.enter('/accept');
    await bob.sees('nobody has sent you anything that waits');
    for (const person of [ann, bob]) person.enter('/quit');
    await Promise.all([ann, bob].map((person) => person.result));
  });

  // CHAT-SEND-4
  test('who was away is told what waits, as a person and as a script', async () => {
    for (const name of ['one.txt', 'two.txt']) writeFileSync(join(folder, name), name);
    const [ann, eve] = ['ann', 'eve'].map((nickname) => room.enter({ nickname }));
    if (!ann || !eve) throw new Error('two people were entered');
    await Promise.all([ann, eve].map((person) => person.sees('you are')));
    await eve.makeAccount();
    eve.enter('/quit');
    await eve.result;
    for (const name of ['one.txt', 'two.txt']) {
      ann.enter(`/send eve ${join(folder, name)}`);
      await ann.sees(new RegExp(`upload \\d+: ${name}.*verified`));
    }
    const password = join(folder, 'password');
    writeFileSync(password, 'all hands\n', { mode: 0o600 });
    const later = room.enter({ nickname: 'eve' });
    await later.sees('password of eve');
    later.enter('all hands');
    await later.sees('sent to you while you were away: two.txt from ann, 7 B; one.txt from ann, 7 B');
    later.enter('/decline ann');
    await later.sees('two.txt from ann is removed');
    later.enter('/quit');
    ann.enter('/quit');
    await Promise.all([later.result, ann.result]);
    const args = ['tail', address, '--nick', 'eve', '--password-file', password, '--no-follow'];
    const { stderr } = await runProgram(args);
    expect(stderr).toBe('parley: sent to you while you were away: one.txt from ann, 7 B\n');
  });

  test('a script puts several files, and prints what sha256sum would', async () => {
    for (const name of ['one', 'two']) writeFileSync(join(folder, name), name);
    const paths = ['one', 'two'].map((name) => join(folder, name));
    const result = await runProgram(['put', address, ...paths, '--nick', 'robot']);
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    expect(result.stdout.trim().split('\n').sort()).toEqual(
      [`${sha256('one')}  one`, `${sha256('two')}  two`].sort(),
    );
  });

  test('a script puts what comes in on stdin, and tells it in JSON', async () => {
    const args = ['put', address, '-', '--name', 'stdin.txt', '--nick', 'robot', '--json', '--no-announce'];
    const result = await runProgram(args, { input: 'from a pipe' });
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    expect(JSON.parse(result.stdout)).toMatchObject({
      type: 'uploaded',
      name: 'stdin.txt',
      size: 11,
      sha256: sha256('from a pipe'),
      durationMs: expect.toSatisfy(Number.isInteger),
    });
  });

  test('a script that is interrupted while it reads stdin says so, and no more', async () => {
    const args = ['put', address, '-', '--name', 'endless.txt', '--nick', 'robot'];
    const client = startProgram(args, { env: { TMPDIR: folder } });
    // Where it keeps what it reads is made when it begins to read.
    const watcher = watch(folder, () => {
      // Once: a second Ctrl-C would end the program without waiting for anything.
      watcher.close();
      client.signal('SIGINT');
    });
    const result = await resultOf(client);
    expect(result).toEqual({ exitCode: 130, stdout: '', stderr: 'parley: interrupted\n' });
  });

  test('a script whose bytes nobody wants any more ends quietly', async () => {
    const args = ['get', address, 'large.txt', '--to', '-', '--nick', 'robot'];
    const piped = startProgram(args, { prefix: INTO_HEAD });
    expect(await resultOf(piped)).toMatchObject({ exitCode: 130, stderr: '' });
  });

  test('the first that fails gives the exit code, and the others are there all the same', async () => {
    writeFileSync(join(folder, 'taken.txt'), 'x');
    writeFileSync(join(folder, 'three'), 'three');
    const paths = ['nothing', 'taken.txt', 'three'].map((name) => join(folder, name));
    const result = await runProgram(['put', address, ...paths, '--nick', 'robot', '--json']);
    const lines = result.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines).toContainEqual(expect.objectContaining({ type: 'failed', code: 'source-unreadable' }));
    expect(lines).toContainEqual(expect.objectContaining({ type: 'failed', code: 'file-exists' }));
    expect(lines).toContainEqual(expect.objectContaining({ type: 'uploaded', name: 'three' }));
    expect(result.exitCode).toBe(5);
    expect(result.stderr).toContain('there is no file');
  });
});

test('a server that takes no files from guests says how to come to an account', async () => {
  const room = await TestRoom.open({}, {}, undefined, {}, 'registered');
  writeFileSync(join(folder, 'a'), 'a');
  const args = ['put', `127.0.0.1:${room.address.port}`, join(folder, 'a'), '--nick', 'robot'];
  const result = await runProgram(args);
  expect(result).toMatchObject({ exitCode: 4, stdout: '' });
  expect(result.stderr).toContain('/register');
  await room.close();
});

test.each([
  ['file:a.txt (5 bytes)', 7, 'has uploaded a.txt, 5 B: /get 7'],
  ['file:"a b.txt" (1000000 bytes)', undefined, 'has uploaded a b.txt, 1.0 MB: /get "a b.txt"'],
  ['file:pics/ (301 files, 30000000 bytes)', 7, 'has uploaded pics/, 301 files, 30.0 MB: /get 7'],
  ['file:"my pics/" (1 files, 5 bytes)', undefined, 'has uploaded my pics/, 1 file, 5 B: /get "my pics/"'],
  ['look at file:a.txt', 7, undefined],
  ['file:a.txt (5 bytes) or so', 7, undefined],
])('%j is shown as %j, %j', (text, number, words) => {
  expect(announcementWords(text, { number, isOwn: false })).toBe(words);
});

// CHAT-SEND-5
test.each([
  [`file:"@${'0a'.repeat(16)}/a b/" accepted`, 'has accepted a b/'],
  [`file:@${'0a'.repeat(16)}/a declined`, 'has declined a'],
  ['file:a.txt accepted', undefined],
])('%s is read as %j', (text, words) => {
  expect(outcomeWords(text)).toBe(words);
});
