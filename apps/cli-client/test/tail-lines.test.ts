import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import type { ScriptContext } from '../src/scripts/script.ts';
import { type TailOptions, tail } from '../src/scripts/tail.ts';

/** A room of that log, read in pages of three. */
function roomOf(log: readonly { readonly sequence: number; readonly kind: string }[]) {
  const entries = log.map((entry) => ({ time: 0, from: 'ann', text: `line ${entry.sequence}`, ...entry }));
  return Object.assign(new EventEmitter(), {
    connect: async () => ({}),
    register: async () => ({}),
    leave: async () => undefined,
    join: async (room: string) => ({ room }),
    sent: { list: async () => [] },
    history: async (_: string, before = Number.POSITIVE_INFINITY) =>
      entries.filter(({ sequence }) => sequence < before).slice(-3),
    historyAfter: async (_: string, after: number) =>
      entries.filter(({ sequence }) => sequence > after).slice(0, 3),
    closed: Promise.resolve({ kind: 'left' }),
  });
}

async function outputOf(room: ReturnType<typeof roomOf>, wanted: Partial<TailOptions>): Promise<string[]> {
  const printed: string[] = [];
  const context = {
    address: { host: 'here', port: 1 },
    createClient: () => room,
    output: { print: (line: string) => printed.push(line) },
    signal: new AbortController().signal,
  };
  const options = {
    nickname: 'robot',
    rooms: ['den'],
    since: undefined,
    lines: 10,
    follows: false,
    isJson: false,
    ...wanted,
  };
  await tail(context as unknown as ScriptContext, options);
  return printed;
}

async function linesOf(room: ReturnType<typeof roomOf>, lines: number): Promise<(string | undefined)[]> {
  return (await outputOf(room, { lines })).map((line) => line.split('\t')[3]);
}

/** Numbers of messages, and gaps. */
async function seenOf(room: ReturnType<typeof roomOf>, wanted: Partial<TailOptions>) {
  const lines = (await outputOf(room, { isJson: true, ...wanted })).map((line) => JSON.parse(line));
  return lines.map(({ type, sequence, missing }) => (type === 'gap' ? { missing } : sequence));
}

const texts = (...sequences: readonly number[]) => sequences.map((sequence) => ({ sequence, kind: 'text' }));

test('so many lines as were asked for come first, whatever lies between them in the log', async () => {
  const edits = [4, 5, 6, 7, 8].map((sequence) => ({ sequence, kind: 'edit' }));
  const log = [...texts(1, 2, 3), ...edits, ...texts(9)];
  expect(await linesOf(roomOf(log), 3)).toEqual(['line 2', 'line 3', 'line 9']);
  expect(await linesOf(roomOf(log), 9)).toEqual(['line 1', 'line 2', 'line 3', 'line 9']);
  expect(await linesOf(roomOf(log), 0)).toEqual([]);
  expect(await linesOf(roomOf([]), 3)).toEqual([]);
});

// CHAT-LOG-4
test('what the server keeps no longer of what is wanted is told as a gap', async () => {
  expect(await seenOf(roomOf(texts(6, 7, 8, 9, 10)), { since: 2 })).toEqual([{ missing: 3 }, 6, 7, 8, 9, 10]);
  expect(await seenOf(roomOf(texts(3, 4)), { since: 2 })).toEqual([3, 4]);
  expect(await seenOf(roomOf(texts(3, 4)), { since: 4 })).toEqual([]);
});

// CHAT-LOG-5
test('a number that the log has not reached was of another log, which is told and read from its beginning', async () => {
  expect(await seenOf(roomOf(texts(1, 2)), { since: 1234 })).toEqual([{ missing: null }, 1, 2]);
});

// CHAT-LOG-5
test('goes on with the numbers of another log, when the server begins one', async () => {
  const room = roomOf(texts(7, 8));
  const say = (sequence: number) => {
    room.emit('message', { message: { room: 'den', sequence, time: 0, from: 'ann', text: 'hello' } });
  };
  room.closed = new Promise((resolve) => {
    setImmediate(() => {
      say(8);
      say(9);
      room.emit('gap', { gap: { room: 'den', missing: undefined } });
      say(1);
      resolve({ kind: 'left' });
    });
  });
  expect(await seenOf(room, { since: 6, follows: true })).toEqual([7, 8, 9, { missing: null }, 1]);
});
