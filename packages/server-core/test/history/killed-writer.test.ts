// A process that writes is killed without warning, again and again: what it confirmed is there, once.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { createSqliteHistoryStore } from '../../src/node/sqlite/sqlite-store.ts';
import { seededRandom } from '../support/seeded-random.ts';
import { makeFolder } from './temporary-folder.ts';

const program = fileURLToPath(new URL('./writer-process.ts', import.meta.url));

/** Lets a process write from message `first` on, and kills it when it has confirmed `count` of them; gives all that it confirmed. */
async function writeAndDie(
  file: string,
  durability: string,
  first: number,
  count: number,
): Promise<string[]> {
  const args = ['--conditions=@parley/source', program, file, durability, `${first}`];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const confirmed: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    confirmed.push(line);
    if (confirmed.length === count) child.kill('SIGKILL');
  }
  const [, signal] = await exited;
  expect(signal).toBe('SIGKILL');
  return confirmed;
}

// CHAT-LOG-3, CHAT-SAY-4
test.each([
  ['full', 1],
  ['normal', 2],
] as const)(
  'with %s durability nothing that was confirmed is lost or doubled (seed %i)',
  async (durability, seed) => {
    const random = seededRandom(seed);
    const file = join(await makeFolder(), 'history.sqlite3');
    const confirmed: string[] = [];
    for (let kill = 0; kill < 3; kill += 1) {
      // What was not confirmed is sent again, as a client does; perhaps it is there already.
      const first = confirmed.length + 1;
      confirmed.push(...(await writeAndDie(file, durability, first, 1 + Math.floor(random() * 200))));
    }
    const store = createSqliteHistoryStore({ file });
    onTestFinished(() => store.close());
    const [lobby] = await store.open();
    const last = lobby?.lastSequence ?? 0;
    expect(last).toBeGreaterThanOrEqual(confirmed.length);
    const { entries } = await store.read({
      roomKey: 'lobby',
      direction: 'after',
      sequence: 0,
      limit: last + 1,
    });
    const numbers = Array.from({ length: last }, (_, index) => index + 1);
    expect(entries.map(({ sequence, text }) => `${sequence} ${text}`)).toEqual(
      numbers.map((number) => `${number} message ${number}`),
    );
    expect(confirmed).toEqual(numbers.slice(0, confirmed.length).map((number) => `${number} ${number}`));
  },
  60_000,
);
