import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createSqliteHistoryStore, type SqliteDurability } from '@parley/server-core';
import { createHistory, type HistoryLoad, measureSenders } from './history/history-load.ts';
import { describeMachine } from './machine.ts';

const usage = `usage: npm run bench:history -- [options]

How many messages a second become durable in the history, with the group commit of the server: while one batch is on its way to
the disk, the next one gathers. Each sender waits for its message to be durable before it sends the next one. One line of JSON for
each combination, after one that describes the machine.

  --durability LIST     full, normal (default: both)
  --senders LIST        people who send at the same time (default: 1,10,100,1000,4000)
  --windows LIST        milliseconds for which a batch gathers at least (default: 0)
  --seconds N           for each combination (default: 3)
  --folder DIR          where the file is made: measure the disk that will be used (default: the system's temporary one)
`;

const numbers = (text: string): number[] => text.split(',').map(Number);

function parse() {
  const { values } = parseArgs({
    options: {
      durability: { type: 'string', default: 'full,normal' },
      senders: { type: 'string', default: '1,10,100,1000,4000' },
      windows: { type: 'string', default: '0' },
      seconds: { type: 'string', default: '3' },
      folder: { type: 'string', default: tmpdir() },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  return values;
}

async function measure(durability: SqliteDurability, load: HistoryLoad, parent: string): Promise<object> {
  const folder = await mkdtemp(join(parent, 'parley-history-'));
  const file = join(folder, 'history.sqlite3');
  const store = createSqliteHistoryStore({ file, durability });
  try {
    await createHistory(store);
    const figures = await measureSenders(store, load);
    await store.close();
    const bytesPerMessage = Math.round((await stat(file)).size / figures.messages);
    return { durability, ...load, ...figures, bytesPerMessage };
  } finally {
    await store.close();
    await rm(folder, { recursive: true });
  }
}

async function main(): Promise<void> {
  const options = parse();
  if (options.help) {
    process.stdout.write(usage);
    return;
  }
  const print = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);
  const { machine, versions } = describeMachine('.');
  print({ machine, versions: { parley: versions.parley, node: versions.node } });
  for (const durability of options.durability.split(',')) {
    if (durability !== 'full' && durability !== 'normal')
      throw new Error(`--durability: expected full or normal, found ${durability}`);
    for (const windowMs of numbers(options.windows)) {
      for (const senders of numbers(options.senders)) {
        const load = { senders, windowMs, seconds: Number(options.seconds) };
        print(await measure(durability, load, resolve(options.folder)));
      }
    }
  }
}

await main();
