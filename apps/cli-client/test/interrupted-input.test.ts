import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { say } from '../src/scripts/room-scripts.ts';
import type { ScriptContext } from '../src/scripts/script.ts';

test('a script that is interrupted while it reads what to say says nothing', async () => {
  const controller = new AbortController();
  const context = { openInput: () => new PassThrough(), signal: controller.signal };
  const options = { text: '-', nickname: 'robot', room: undefined, isJson: false };
  const said = say(context as unknown as ScriptContext, options);
  controller.abort();
  await expect(said).rejects.toThrow('The operation was aborted');
});
