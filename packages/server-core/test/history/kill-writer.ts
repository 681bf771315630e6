// Lets a process write into a history and kills it without warning, again and again, and compares what it confirmed with
// what is there.
import { seededRandom } from '@parley/netsim';
import { describeEnd, Program, sourceCommand } from '@parley/programs';
import Database from 'better-sqlite3';
import type { SqliteDurability } from '../../src/node/history/sqlite/sqlite-messages.ts';
import { createSqliteHistoryStore } from '../../src/node/history/sqlite/sqlite-store.ts';

const WRITER = new URL('./writer-process.ts', import.meta.url);
const CONFIRMATIONS_MAX = 200;

/** What came of it. */
interface KillResult {
  /** Messages that were confirmed, and those that are there: perhaps more, which were on their way. */
  readonly confirmed: number;
  readonly entries: number;
  /** One sentence for everything that should not be. */
  readonly problems: readonly string[];
}

/** Plays so many kills on one history. */
export async function killWriter(options: {
  readonly file: string;
  readonly durability: SqliteDurability;
  readonly kills: number;
  readonly seed: number;
}): Promise<KillResult> {
  const { file, durability, kills, seed } = options;
  const random = seededRandom(seed);
  const problems: string[] = [];
  const confirmed: string[] = [];
  for (let kill = 0; kill < kills; kill += 1) {
    // What was not confirmed is sent again, as a client does; perhaps it is there already.
    const first = confirmed.length + 1;
    const count = 1 + Math.floor(random() * CONFIRMATIONS_MAX);
    confirmed.push(...(await writeAndDie([file, durability, `${first}`], count)));
    const state = integrityOf(file);
    if (state !== 'ok') problems.push(`after kill ${kill + 1} the file is not whole: ${state}`);
  }
  const entries = await readEntries(file);
  for (const [index, entry] of entries.entries()) {
    const number = index + 1;
    if (entry !== `${number} message ${number}`) problems.push(`entry ${number} is "${entry}"`);
  }
  for (const [index, line] of confirmed.entries()) {
    if (line !== `${index + 1} ${index + 1}`)
      problems.push(`message ${index + 1} was confirmed as "${line}"`);
  }
  if (entries.length < confirmed.length)
    problems.push(`${confirmed.length} messages were confirmed, ${entries.length} are there`);
  return { confirmed: confirmed.length, entries: entries.length, problems };
}

/** Lets a process write, and kills it when it has confirmed `count` messages; gives all that it confirmed. */
async function writeAndDie(args: readonly string[], count: number): Promise<string[]> {
  const writer = new Program([...sourceCommand(WRITER), ...args]);
  const confirmed: string[] = [];
  writer.stdout.onLine((line) => {
    confirmed.push(line);
    if (confirmed.length === count) writer.signal('SIGKILL');
  });
  const end = await writer.end;
  if (end.signal !== 'SIGKILL')
    throw new Error(`the writer ended by itself: ${describeEnd(end)} ${writer.complaints}`);
  return confirmed;
}

function integrityOf(file: string): string {
  const database = new Database(file);
  try {
    return String(database.pragma('integrity_check', { simple: true }));
  } finally {
    database.close();
  }
}

async function readEntries(file: string): Promise<string[]> {
  const store = createSqliteHistoryStore({ file });
  try {
    const [lobby] = await store.open();
    const limit = (lobby?.lastSequence ?? 0) + 1;
    const { entries } = await store.read({ roomKey: 'lobby', direction: 'after', sequence: 0, limit });
    return entries.map(({ sequence, text }) => `${sequence} ${text}`);
  } finally {
    await store.close();
  }
}
