import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runProgram } from './support/program.ts';
import { TestRoom } from './support/test-room.ts';

let room: TestRoom;
let address: string;

beforeAll(async () => {
  room = await TestRoom.open({ 'notes.txt': 'ten bytes.', 'my file.txt': 'spaces' });
  address = `127.0.0.1:${room.address.port}`;
});

afterAll(async () => {
  await room.close();
});

describe('say', () => {
  test('ends well when the server has the message', async () => {
    const ann = room.enter({ nickname: 'listener' });
    await ann.sees('you are listener');
    const result = await runProgram(['say', address, 'the build is green', '--nick', 'robot']);
    expect(result).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    await ann.sees('<robot> the build is green');
    await ann.sees('robot left');
    ann.enter('/quit');
    await ann.result;
  });

  test('says a text that begins with a dash', async () => {
    const result = await runProgram(['say', address, '--nick', 'robot', '--', '-rf']);
    expect(result).toEqual({ exitCode: 0, stdout: '', stderr: '' });
  });

  test('a taken nickname is exit code 4, with the reason on stderr', async () => {
    const ann = room.enter({ nickname: 'ann' });
    await ann.sees('you are ann');
    const result = await runProgram(['say', address, 'hello', '--nick', 'ann']);
    expect(result).toMatchObject({ exitCode: 4, stdout: '' });
    expect(result.stderr).toMatch(/^parley: the nickname ann is in use.*\n$/);
    ann.enter('/quit');
    await ann.result;
  });
});

test('users lists nicknames, one a line', async () => {
  const people = ['ann', 'bob'].map((nickname) => room.enter({ nickname }));
  for (const person of people) await person.sees('you are');
  const result = await runProgram(['users', address]);
  expect(result.stdout.split('\n').sort()).toEqual(['', 'ann', 'bob']);
  expect(result).toMatchObject({ exitCode: 0, stderr: '' });
  for (const person of people) person.enter('/quit');
  await Promise.all(people.map((person) => person.result));
});

test('files lists size, time and name, separated by tabs', async () => {
  const result = await runProgram(['files', address]);
  expect(result).toMatchObject({ exitCode: 0, stderr: '' });
  const rows = result.stdout
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'));
  expect(rows.map(([size, , name]) => [size, name])).toEqual([
    ['6', 'my file.txt'],
    ['10', 'notes.txt'],
  ]);
  expect(rows[0]?.[1]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

describe('get', () => {
  test('of a name that does not exist is exit code 5, and says so', async () => {
    const result = await runProgram(['get', address, 'nothing', '--nick', 'a'], { cwd: room.downloadFolder });
    expect(result).toMatchObject({ exitCode: 5, stdout: '' });
    expect(result.stderr).toMatch(/^parley: no .*nothing/);
  });

  test('does not touch a target that exists: exit code 6', async () => {
    const target = join(room.downloadFolder, 'there.txt');
    await writeFile(target, 'mine');
    const result = await runProgram(['get', address, 'notes.txt', '--nick', 'a', '--to', target]);
    expect(result).toEqual({ exitCode: 6, stdout: '', stderr: `parley: ${target} exists already\n` });
    expect(readFileSync(target, 'utf8')).toBe('mine');
  });

  test('into a folder that is not there is exit code 6', async () => {
    const target = join(room.downloadFolder, 'missing', 'x');
    const result = await runProgram(['get', address, 'notes.txt', '--nick', 'a', '--to', target]);
    expect(result).toMatchObject({ exitCode: 6, stdout: '' });
    expect(result.stderr).toContain('there is no folder');
  });
});

test('no server is exit code 3', async () => {
  const result = await runProgram(['users', '127.0.0.1:1']);
  expect(result).toMatchObject({ exitCode: 3, stdout: '' });
  expect(result.stderr).toMatch(/^parley: nobody listens at 127\.0\.0\.1:1: /);
});

describe('without a terminal', () => {
  test('lines go in and come out, and the end of the input is leaving', async () => {
    const input = 'hello\n/users\n/usres\n//slash\n';
    const result = await runProgram(['--', address, '--nick', 'piper'], { input });
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    expect(result.stdout).toMatch(/^\d\d:\d\d . connected to Test room$/m);
    expect(result.stdout).toMatch(/^\d\d:\d\d <piper> hello$/m);
    expect(result.stdout).toMatch(/^\d\d:\d\d <piper> \/slash$/m);
    expect(result.stdout).toMatch(/^\d\d:\d\d . 1 here: piper$/m);
    expect(result.stdout).toMatch(/did you mean \/users\?/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it looks for escape sequences
    expect(result.stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });

  test('more lines than the server takes at once are said more slowly, and none is lost', async () => {
    const ann = room.enter({ nickname: 'ann' });
    await ann.sees('you are ann');
    const lines = Array.from({ length: 220 }, (_, index) => `line ${index}`);
    const result = await runProgram([address, '--nick', 'piper'], { input: lines.join('\n') });
    expect(result).toMatchObject({ exitCode: 0, stderr: '' });
    const said = [...result.stdout.matchAll(/<piper> (.*)$/gm)].map(([, text]) => text);
    expect(said).toEqual(lines);
    await ann.sees('piper left');
    const seen = ann.screen.allLines.filter((line) => line.includes('<piper> '));
    expect(seen).toHaveLength(lines.length);
    ann.enter('/quit');
    await ann.result;
  });

  test('nobody can be asked for what is missing', async () => {
    expect(await runProgram([])).toMatchObject({ exitCode: 2, stdout: '' });
    const result = await runProgram([address]);
    expect(result).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('--nick') });
  });

  test('a bad nickname is not asked for again', async () => {
    const result = await runProgram([address, '--nick', 'two words'], { input: 'hello\n' });
    expect(result).toMatchObject({ exitCode: 4 });
    expect(result.stderr).toMatch(/^parley: a nickname has only/);
  });
});

describe('the command line', () => {
  test('--version is that of the package', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
    expect(await runProgram(['--version'])).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: '' });
  });

  test('what makes no sense is exit code 2, with a complaint on stderr', async () => {
    const result = await runProgram(['users', 'http://host']);
    expect(result).toMatchObject({ exitCode: 2, stdout: '' });
    expect(result.stderr).toContain('expected HOST or HOST:PORT');
  });
});
