import { describe, expect, test } from 'vitest';
import { AwaitNotes, notedEach } from '../src/transfers/awaits/await-notes.ts';
import { noteAwaits } from '../src/transfers/awaits/note-awaits.ts';
import type { SimulatedProcess } from '../src/transfers/host/simulated-process.ts';

test('every await of a source tells its place, and lines stay where they are', () => {
  const source = [
    'async function run(it: Thing): Promise<void> {',
    '  const text = await read(await open(it)); // await nothing',
    '  for await (const piece of text.pieces()) use(piece, "await this");',
    '}',
  ].join('\n');
  expect(noteAwaits(source, 'a.ts')).toEqual({
    code: [
      'async function run(it: Thing): Promise<void> {',
      '  const text = await globalThis.noteAwait("a.ts:2", read(await globalThis.noteAwait("a.ts:2:27", open(it)))); // await nothing',
      '  for await (const piece of globalThis.noteAwaits("a.ts:3", text.pieces())) use(piece, "await this");',
      '}',
    ].join('\n'),
    places: ['a.ts:2', 'a.ts:2:27', 'a.ts:3'],
  });
});

describe('a process that dies', () => {
  const process = {} as SimulatedProcess;

  test('dies where it waits, and not where it has waited', async () => {
    const notes = new AwaitNotes();
    await notes.note(process, 'done', Promise.resolve());
    await notes.note(process, 'failed', Promise.reject(new Error('no'))).catch(() => undefined);
    void notes.note(process, 'waiting', new Promise(() => undefined));
    notes.handleDeath(process);
    expect([...notes.passed]).toEqual(['done', 'failed', 'waiting']);
    expect([...notes.diedAt]).toEqual(['waiting']);
  });

  test('dies at what comes one by one', async () => {
    const notes = new AwaitNotes();
    const note = <Value>(place: string, value: Value) => notes.note(process, place, value);
    let isOver = false;
    async function* endless() {
      try {
        yield 1;
        await new Promise(() => undefined);
      } finally {
        isOver = true;
      }
    }
    const values = notedEach('each', endless(), note);
    expect(await values.next()).toEqual({ done: false, value: 1 });
    notes.handleDeath(process);
    expect([...notes.diedAt]).toEqual([]);
    await values.return(undefined);
    expect(isOver).toBe(true);
    const others = notedEach('each', endless(), note);
    await others.next();
    void others.next();
    notes.handleDeath(process);
    expect([...notes.diedAt]).toEqual(['each']);
  });
});
