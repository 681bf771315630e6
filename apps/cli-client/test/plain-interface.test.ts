import { PassThrough, Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { PlainInterface } from '../src/interactive/plain-interface.ts';

test('lines are read little further than they are wanted, and none is lost', async () => {
  const count = 20_000;
  let read = 0;
  function* lines() {
    for (; read < count; read += 1) yield `line ${read}\n`;
  }
  const ui = new PlainInterface({
    input: Readable.from(lines(), { objectMode: false }),
    output: new PassThrough(),
    hasPerson: false,
  });
  expect(await ui.readLine({ prompt: '> ' })).toBe('line 0');
  for (let turn = 0; turn < 100; turn += 1) await new Promise(setImmediate);
  expect(read).toBeLessThan(count / 2);
  for (let number = 1; number < count; number += 1) {
    expect(await ui.readLine({ prompt: '> ' })).toBe(`line ${number}`);
  }
  expect(await ui.readLine({ prompt: '> ' })).toBeUndefined();
  ui.close();
});
