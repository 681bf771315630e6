// People talk while their server is killed without warning and started again: nothing that was accepted may be lost,
// doubled or out of order, in the log or at any of them.
import { once } from 'node:events';
import { join } from 'node:path';
import { createParleyClient, type ParleyClient } from '@parley/client-core';
import { describeEnd } from '@parley/programs';
import { createSqliteHistoryStore, type SqliteDurability } from '@parley/server-core';
import { RunningServer } from './running-server.ts';

/** How a storm is. */
export interface KillStorm {
  /** An empty folder. */
  readonly folder: string;
  readonly seed: number;
  readonly kills: number;
  readonly clients: number;
  /** Of the history: both survive a kill. */
  readonly durability: SqliteDurability;
}

/** What came of it. */
export interface StormResult {
  readonly messages: number;
  /** One sentence for each thing that should not be. */
  readonly problems: readonly string[];
}

/** Messages that a client has on the way at a time, so that a kill always hits some. */
const ON_THE_WAY = 4;
/** Acceptances between two kills: below what one client may say at once (CHAT-FLOOD-1). */
const ACCEPTANCES_MAX = 150;

/** Plays a storm; the moments of the kills, counted in acceptances, follow from the seed. */
export async function playKillStorm(storm: KillStorm): Promise<StormResult> {
  const { folder, seed, kills, clients } = storm;
  let server = start(storm, 0);
  const { tcp: port } = await server.ready();
  const talkers = Array.from({ length: clients }, (_, index) => new Talker(`talker${index}`, port, folder));
  let whenAccepted: () => void = () => {};
  try {
    for (const talker of talkers) await talker.enter();
    const talking = talkers.map((talker) => talker.talk(() => whenAccepted()));
    for (let kill = 0; kill < kills; kill += 1) {
      let left = 1 + Math.floor(drawn(seed, kill) * ACCEPTANCES_MAX);
      await new Promise<void>((resolve) => {
        whenAccepted = () => {
          left -= 1;
          if (left > 0) return;
          whenAccepted = () => {};
          server.signal('SIGKILL');
          resolve();
        };
      });
      await server.end;
      server = start(storm, port);
      await server.ready();
    }
    for (const talker of talkers) talker.finish();
    await Promise.all(talking);
    const last = Math.max(...talkers.flatMap(({ accepted }) => [...accepted.keys()]));
    for (const talker of talkers) await talker.sees(last);
    await Promise.all(talkers.map(({ client }) => client.leave()));
    const end = await server.stop();
    const problems =
      end.code === 0 ? [] : [`the server ended with ${describeEnd(end)}: ${server.complaints}`];
    const log = await readLog(join(folder, 'data', 'history.sqlite3'), last);
    return { messages: last, problems: [...problems, ...compare(log, talkers)] };
  } finally {
    for (const { client } of talkers) client.abandon();
    await server.kill();
  }
}

function start({ folder, durability }: KillStorm, port: number): RunningServer {
  const options = ['--host', '127.0.0.1', '--port', `${port}`, '--udp-port', '0', '--insecure'];
  const history = ['--data', join(folder, 'data'), '--history-durability', durability];
  return new RunningServer(folder, [...options, ...history, '--share', folder]);
}

/** Somebody who talks without end, and writes down what was accepted and what came. */
class Talker {
  readonly name: string;
  readonly client: ParleyClient;
  /** Texts by their places in the log. */
  readonly accepted = new Map<number, string>();
  readonly seen: { readonly sequence: number; readonly text: string | undefined }[] = [];
  readonly gaps: unknown[] = [];
  #isTalking = true;
  #said = 0;

  constructor(name: string, port: number, downloadFolder: string) {
    this.name = name;
    this.client = createParleyClient({ host: '127.0.0.1', port, downloadFolder, reconnects: true });
    this.client.on('message', ({ message: { sequence, text } }) => this.seen.push({ sequence, text }));
    this.client.on('gap', ({ gap }) => this.gaps.push(gap));
  }

  async enter(): Promise<void> {
    await this.client.connect();
    await this.client.register(this.name);
  }

  async talk(onAccepted: () => void): Promise<void> {
    const speak = async () => {
      while (this.#isTalking) {
        this.#said += 1;
        const text = `${this.name} says ${this.#said}`;
        const { sequence } = await this.client.say(text);
        this.accepted.set(sequence, text);
        onAccepted();
      }
    };
    await Promise.all(Array.from({ length: ON_THE_WAY }, speak));
  }

  /** Says nothing new. */
  finish(): void {
    this.#isTalking = false;
  }

  /** Resolves when everything up to there has come. */
  async sees(sequence: number): Promise<void> {
    while ((this.seen.at(-1)?.sequence ?? 0) < sequence) await once(this.client, 'notification');
  }

  get said(): number {
    return this.#said;
  }
}

async function readLog(file: string, limit: number): Promise<(string | undefined)[]> {
  const store = createSqliteHistoryStore({ file });
  await store.open();
  // One more than there should be.
  const query = { roomKey: 'lobby', direction: 'after', sequence: 0, limit: limit + 1 } as const;
  const { entries } = await store.read(query);
  await store.close();
  return entries.map(({ text }) => text);
}

function compare(log: readonly (string | undefined)[], talkers: readonly Talker[]): string[] {
  const problems: string[] = [];
  const places = new Map(log.map((text, index) => [text, index + 1]));
  if (places.size !== log.length) problems.push(`of ${log.length} entries only ${places.size} are different`);
  const said = talkers.reduce((sum, talker) => sum + talker.said, 0);
  if (log.length !== said) problems.push(`${said} messages were said, ${log.length} are in the log`);
  for (const { name, accepted, seen, gaps } of talkers) {
    for (const [sequence, text] of accepted) {
      if (log[sequence - 1] !== text)
        problems.push(`${name}: "${text}" was accepted as ${sequence}, and is not there`);
    }
    const isSame =
      seen.length === log.length &&
      seen.every(({ sequence, text }, index) => sequence === index + 1 && text === log[index]);
    if (!isSame)
      problems.push(`${name} saw ${seen.length} messages that are not those of the log, one after the other`);
    if (gaps.length > 0) problems.push(`${name} was told of ${gaps.length} gaps`);
  }
  return problems;
}

/** A number in [0, 1) for each kill (mulberry32 of seed and number). */
function drawn(seed: number, kill: number): number {
  const state = (seed * 0x9e37_79b1 + kill * 0x6d2b_79f5) >>> 0;
  let mixed = Math.imul(state ^ (state >>> 15), state | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}
