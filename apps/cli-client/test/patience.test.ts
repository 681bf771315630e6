import { afterEach, expect, test } from 'vitest';
import { type Person, TestRoom } from './support/test-room.ts';

let room: TestRoom;

afterEach(() => room.close());

/** A script that has said one line in a room with an hour between two, and waits to say the next. */
async function waitingScript(): Promise<Person> {
  room = await TestRoom.open();
  const ann = room.enter({ nickname: 'ann' });
  await ann.sees('you are ann');
  await ann.makeAccount();
  ann.enter('/create den');
  await ann.sees('in den');
  ann.enter('/slow 1h');
  await ann.sees('one message in 1h in den');
  const script = room.enter({ nickname: 'script', isScript: true });
  for (const line of ['/join den', 'one', 'two']) script.enter(line);
  await ann.sees('<script> one');
  return script;
}

test('a script that waits for its next turn to speak ends when it is interrupted', async () => {
  const script = await waitingScript();
  script.interrupt();
  expect(await script.result).toEqual({ exitCode: 0, problem: undefined });
});

test('a script that waits for its next turn to speak ends with the session', async () => {
  const script = await waitingScript();
  await room.stop();
  expect(await script.result).toMatchObject({ exitCode: 3 });
});
