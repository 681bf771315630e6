import { rmSync } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { atExit, parseCount, parseNames, parseNumber, runMain } from '@parley/programs';
import { createSqliteHistoryStore, type SqliteDurability } from '@parley/server-core';
import { createHistory, type HistoryLoad, measureSenders } from './history/history-load.ts';
import { printLine, printMeasurement } from './json-lines.ts';
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

interface HistoryOptions {
  readonly durabilities: readonly SqliteDurability[];
  readonly senders: readonly number[];
  readonly windowsMs: readonly number[];
  readonly seconds: number;
  readonly folder: string;
}

function parseOptions(args: readonly string[]): HistoryOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      durability: { type: 'string', default: 'full,normal' },
      senders: { type: 'string', default: '1,10,100,1000,4000' },
      windows: { type: 'string', default: '0' },
      seconds: { type: 'string', default: '3' },
      folder: { type: 'string', default: tmpdir() },
    },
  });
  return {
    durabilities: parseNames('durability', values.durability, ['full', 'normal']),
    senders: values.senders.split(',').map((text) => parseCount('senders', text, { max: 100_000 })),
    windowsMs: values.windows.split(',').map((text) => parseNumber('windows', text, { min: 0, max: 10_000 })),
    seconds: parseNumber('seconds', values.seconds, { min: 0.1, max: 600 }),
    folder: resolve(values.folder),
  };
}

async function measure(durability: SqliteDurability, load: HistoryLoad, parent: string): Promise<object> {
  const folder = await mkdtemp(join(parent, 'parley-history-'));
  const takeBack = atExit(() => rmSync(folder, { recursive: true, force: true }));
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
    takeBack();
  }
}

async function run(args: readonly string[]): Promise<void> {
  const options = parseOptions(args);
  const { machine, versions } = describeMachine('.');
  printLine({ machine, versions: { parley: versions.parley, node: versions.node } });
  const { durabilities, windowsMs, senders, seconds, folder } = options;
  for (const durability of durabilities) {
    for (const windowMs of windowsMs) {
      for (const count of senders) {
        const load = { senders: count, windowMs, seconds };
        await printMeasurement({ durability, ...load }, () => measure(durability, load, folder));
      }
    }
  }
}

await runMain({ name: 'bench:history', usage }, run);
