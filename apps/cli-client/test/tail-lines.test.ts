import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import type { ScriptContext } from '../src/scripts/script.ts';
import { tail } from '../src/scripts/tail.ts';

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
  });
}

async function linesOf(room: ReturnType<typeof roomOf>, lines: number): Promise<(string | undefined)[]> {
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
    lines,
    follows: false,
    isJson: false,
  };
  await tail(context as unknown as ScriptContext, options);
  return printed.map((line) => line.split('\t')[3]);
}

test('so many lines as were asked for come first, whatever lies between them in the log', async () => {
  const edits = [4, 5, 6, 7, 8].map((sequence) => ({ sequence, kind: 'edit' }));
  const texts = [1, 2, 3, 9].map((sequence) => ({ sequence, kind: 'text' }));
  const log = [...texts.slice(0, 3), ...edits, ...texts.slice(3)];
  expect(await linesOf(roomOf(log), 3)).toEqual(['line 2', 'line 3', 'line 9']);
  expect(await linesOf(roomOf(log), 9)).toEqual(['line 1', 'line 2', 'line 3', 'line 9']);
  expect(await linesOf(roomOf(log), 0)).toEqual([]);
  expect(await linesOf(roomOf([]), 3)).toEqual([]);
});
