// Writes messages into the lobby of a history without end, and prints the number of each one when it is durable. Started
// and killed by killed-writer.test.ts: FILE, DURABILITY, and the number of the first message that was not confirmed.
import type { SqliteDurability } from '../../src/node/history/sqlite/sqlite-messages.ts';
import { createSqliteHistoryStore } from '../../src/node/history/sqlite/sqlite-store.ts';
import { append, createRoom } from './drafts.ts';

const [file = '', durability = 'full', first = '1'] = process.argv.slice(2);
const store = createSqliteHistoryStore({ file, durability: durability as SqliteDurability });
await store.open();
await store.write([createRoom('lobby')]);

let next = Number(first);
for (;;) {
  const numbers = Array.from({ length: 1 + (next % 7) }, (_, index) => next + index);
  next += numbers.length;
  const results = await store.write(
    numbers.map((number) => append({ text: `message ${number}`, id: `${number}` })),
  );
  for (const [index, result] of results.entries()) {
    if (result.type !== 'appended' && result.type !== 'repeated') throw new Error(`it was ${result.type}`);
    process.stdout.write(`${numbers[index]} ${result.sequence}\n`);
  }
}
