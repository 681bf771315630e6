import {
  createMemoryHistoryStore,
  type HistoryStore,
  type NewEntry,
  type NewRoom,
} from '@parley/server-core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { columnText, jsonLine } from '../src/scripts/json-line.ts';
import { NASTY_STRINGS } from './support/nasty-strings.ts';
import { resultOf, runProgram, startProgram } from './support/program.ts';
import { TestRoom } from './support/test-room.ts';

let room: TestRoom;
let address: string;

beforeEach(async () => {
  room = await TestRoom.open({ 'notes.txt': 'ten bytes.' });
  address = `127.0.0.1:${room.address.port}`;
});

afterEach(() => room.close());

/** Somebody has said things in the room. */
async function spoken(...lines: string[]): Promise<void> {
  const ann = room.enter({ nickname: 'ann', isFullScreen: true });
  await ann.sees('you are ann');
  for (const line of lines) ann.enter(line);
  await ann.screen.until(() => {
    const text = ann.screen.lines.join('\n');
    return text.includes(`ann | ${lines.at(-1)}`) && !text.includes('not sent yet');
  }, 'for all to be said');
}

/** A history in which 200 lines were said in the lobby, of which the last two are kept. */
async function forgetfulStore(): Promise<HistoryStore> {
  const store = createMemoryHistoryStore();
  await store.open();
  const room = { key: 'lobby', name: 'lobby' as NewRoom['name'], topic: '', epoch: 1, createdAt: 0 };
  await store.write([{ type: 'create-room', room: { ...room, kind: 'public', users: [] } }]);
  const entry = {
    roomKey: 'lobby',
    userId: '00' as NewEntry['userId'],
    from: 'ann' as NewEntry['from'],
    kind: 'text',
  } as const;
  for (let number = 1; number <= 200; number += 1) {
    const clientMessageId = Uint8Array.from({ length: 16 }, () => number) as NewEntry['clientMessageId'];
    const text = `line ${number}` as NewEntry['text'];
    await store.write([{ type: 'append', entry: { ...entry, target: 0, text, clientMessageId, time: 0 } }]);
  }
  await store.write([{ type: 'forget', retention: { ageMsMax: undefined, entriesPerRoomMax: 2 }, now: 0 }]);
  return store;
}

const objects = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line): Record<string, unknown> => JSON.parse(line));

describe('--json', () => {
  test('prints an object a line', async () => {
    const said = await runProgram(['say', address, '-', '--nick', 'robot', '--json'], {
      input: 'two\nlines\n',
    });
    expect(said).toMatchObject({ exitCode: 0, stderr: '' });
    expect(objects(said.stdout)).toEqual([
      { room: 'lobby', epoch: expect.any(Number), sequence: 1, time: expect.any(Number) },
    ]);
    await spoken('hello');
    const users = await runProgram(['users', address, '--json']);
    expect(objects(users.stdout)).toEqual([{ nickname: 'ann', joinedAt: expect.any(Number) }]);
    const rooms = await runProgram(['rooms', address, '--json']);
    expect(objects(rooms.stdout)).toEqual([{ room: 'lobby', topic: expect.any(String), members: 1 }]);
    const files = await runProgram(['files', address, '--json']);
    expect(objects(files.stdout)).toEqual([
      { name: 'notes.txt', size: 10, modifiedAt: expect.any(Number), sha256: null },
    ]);
    const found = await runProgram(['search', address, 'two', '--nick', 'robot', '--json']);
    expect(objects(found.stdout)).toEqual([
      { room: 'lobby', sequence: 1, time: expect.any(Number), from: 'robot', text: 'two\nlines' },
    ]);
  });

  test.each(NASTY_STRINGS.map((text, index) => [index, text] as const))(
    'is exact and harmless for %i',
    (_, text) => {
      const line = jsonLine({ text });
      expect(JSON.parse(line)).toEqual({ text });
      // biome-ignore lint/suspicious/noControlCharactersInRegex: it looks for them
      expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
      expect(columnText(text)).not.toMatch(/[\t\n\r]/);
    },
  );
});

describe('tail', () => {
  const texts = (stdout: string) => objects(stdout).map(({ text }) => text);

  test('prints the newest of the past, and ends when it is not to follow', async () => {
    await spoken('one', 'two', 'three');
    const args = ['tail', address, '--nick', 'robot', '--lines', '2', '--no-follow'];
    const { stdout, exitCode } = await runProgram(args);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z\tlobby\tann\ttwo\n\S+\tlobby\tann\tthree\n$/);
  });

  test('goes on behind the number that it ended with, over many pages', async () => {
    await spoken(...Array.from({ length: 60 }, (_, index) => `line ${index + 1}`));
    const ann = room.enter({ nickname: 'bea', isFullScreen: true });
    await ann.sees('you are bea');
    for (let index = 61; index <= 120; index += 1) ann.enter(`line ${index}`);
    await ann.sees('bea | line 120');
    const args = ['tail', address, '--nick', 'robot', '--json', '--no-follow', '--since', '7'];
    const { stdout } = await runProgram(args);
    expect(texts(stdout)).toEqual(Array.from({ length: 113 }, (_, index) => `line ${index + 8}`));
  });

  test('says how many of those behind the number were forgotten, and begins with the oldest that is kept', async () => {
    await room.close();
    room = await TestRoom.open({}, {}, undefined, { historyStore: await forgetfulStore() });
    address = `127.0.0.1:${room.address.port}`;
    const args = ['tail', address, '--nick', 'robot', '--json', '--no-follow', '--since', '7'];
    const { stdout } = await runProgram(args);
    const [gap, ...messages] = stdout.trimEnd().split('\n');
    expect(JSON.parse(gap as string)).toEqual({ type: 'gap', room: 'lobby', missing: 191 });
    expect(texts(messages.join('\n'))).toEqual(['line 199', 'line 200']);
  });

  test('follows until Ctrl-C', async () => {
    await spoken('before');
    const tail = startProgram(['tail', address, '--nick', 'robot', '--json']);
    await tail.stdout.line(/before/);
    await runProgram(['say', address, 'after', '--nick', 'other']);
    await tail.stdout.line(/after/);
    tail.signal('SIGINT');
    const { stdout, exitCode, stderr } = await resultOf(tail);
    expect({ exitCode, stderr }).toEqual({ exitCode: 130, stderr: 'parley: interrupted\n' });
    expect(texts(stdout)).toEqual(['before', 'after']);
  });

  test('of a room that is not there is exit code 5, with the reason', async () => {
    const result = await runProgram(['tail', address, '--nick', 'robot', '--room', 'nowhere']);
    expect(result).toMatchObject({ exitCode: 5, stdout: '' });
    expect(result.stderr).toMatch(/^parley: .*nowhere/);
  });
});

describe('doctor', () => {
  test('says what works', async () => {
    const { stdout, exitCode } = await runProgram(['doctor', address]);
    expect(stdout).toMatch(/^ok {2}port +TCP port \d+: connected in /m);
    expect(stdout).toMatch(/^ok {2}protection +Test room answers, unprotected \(--insecure\)/m);
    expect(stdout).toMatch(/^ok {2}round-trip +an answer takes \d+\.\d ms/m);
    expect(stdout).toMatch(/^ok {2}clock +the clocks agree/m);
    // Nothing moves the bytes in this room: that is what a closed UDP port looks like.
    expect(stdout).toMatch(/^BAD files +no file comes through, by UDP or over TLS: /m);
    expect(exitCode).toBe(3);
  });

  test('says that nobody listens', async () => {
    const { stdout, exitCode } = await runProgram(['doctor', '127.0.0.1:1', '--json']);
    expect(exitCode).toBe(3);
    expect(objects(stdout)).toEqual([
      { check: 'port', verdict: 'bad', words: expect.stringContaining('nobody listens at that port') },
    ]);
  });

  test('says that nobody knows the name', async () => {
    const { stdout, exitCode } = await runProgram(['doctor', 'name.invalid']);
    expect(exitCode).toBe(3);
    expect(stdout).toMatch(/^BAD name +nobody knows where name\.invalid is/);
  });
});
