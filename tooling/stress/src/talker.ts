import { once } from 'node:events';
import { setTimeout as after } from 'node:timers/promises';
import {
  ClientError,
  type Credential,
  createLoginKey,
  createParleyClient,
  type ParleyClient,
} from '@parley/client-core';
import type { Address, Random } from '@parley/netsim';
import type { Course } from './course.ts';
import type { TalkerPlan } from './plan.ts';

/** What became of something that was said. */
export type Fate = 'waiting' | 'accepted' | 'refused' | 'unknown';

/** Something that was said, or changed. */
export interface Saying {
  readonly room: string;
  readonly kind: 'text' | 'edit' | 'delete';
  readonly text: string | undefined;
  fate: Fate;
  /** In the log, when it was accepted. */
  sequence: number;
}

/** What somebody saw of a room. */
export interface Seen {
  /** Numbers of the messages, in the order in which they came. */
  readonly order: number[];
  /** What they say now. */
  readonly texts: Map<number, string | undefined>;
  gaps: number;
}

/** What everybody needs to come in. */
export interface Doorway {
  readonly address: Address;
  readonly fingerprint: string;
  readonly downloadFolder: string;
}

const PASSWORD = 'a password for the stress';
/** Messages of one talker on their way at a time, so that a cut always hits some. */
const ON_THE_WAY = 3;
/** Below what a connection may say for long (CHAT-FLOOD-1). */
const PAUSE_MS_MEAN = 250;
/** Whoever is cut off is back before that (the longest wait of a client is 30 s), and then it takes moments. */
const SEES_MS_MAX = 60_000;

/** Somebody honest, who talks and writes down what was said, what became of it, and what came. */
export class Talker {
  readonly nickname: string;
  readonly sayings: Saying[] = [];
  readonly seen = new Map<string, Seen>();
  readonly problems: string[] = [];
  readonly client: ParleyClient;
  readonly #random: Random;
  readonly #entrance: TalkerPlan['entrance'];
  #isLeaving = false;

  constructor({ nickname, entrance }: TalkerPlan, doorway: Doorway, random: Random) {
    this.nickname = nickname;
    this.#entrance = entrance;
    this.#random = random;
    this.client = newClient(doorway);
    const { client } = this;
    client.on('message', ({ message: { room, sequence, text } }) => {
      const seen = this.seenOf(room);
      seen.order.push(sequence);
      seen.texts.set(sequence, text);
    });
    client.on('message-changed', ({ room, sequence, text }) => this.seenOf(room).texts.set(sequence, text));
    client.on('gap', ({ gap }) => {
      this.seenOf(gap.room).gaps += 1;
    });
    client.on('closed', ({ end }) => {
      if (!this.#isLeaving) this.problems.push(`${nickname} was sent away: ${JSON.stringify(end)}`);
    });
  }

  /** Comes in as planned, into all rooms; who has an account makes it first. */
  async enter(doorway: Doorway, rooms: readonly string[]): Promise<void> {
    const { client, nickname } = this;
    await client.connect();
    if (this.#entrance === 'guest') await client.register(nickname);
    else await client.login(nickname, await makeAccount(doorway, nickname, this.#entrance));
    const known = new Set((await client.listRooms()).map(({ room }) => `${room}`));
    for (const room of rooms) await (known.has(room) ? client.join(room) : client.createRoom(room));
  }

  /** Talks in these rooms until the run is over; `isPaced` keeps below what a server takes for long. */
  async talk(course: Course, rooms: readonly string[], isPaced: boolean): Promise<void> {
    const speak = async () => {
      while (!course.isOver && this.client.state !== 'closed') {
        await this.#utter(rooms);
        course.advance();
        if (isPaced) await after(this.#random.exponential(PAUSE_MS_MEAN));
      }
    };
    await Promise.all(Array.from({ length: ON_THE_WAY }, speak));
  }

  /** Says one thing, for certain; gives its number. */
  async say(room: string, text: string): Promise<number> {
    const saying = this.#note({ room, kind: 'text', text });
    await this.#follow(saying, this.client.say(text, room));
    return saying.sequence;
  }

  /** Waits until everything in a room up to there has come. */
  async sees(room: string, sequence: number): Promise<void> {
    const signal = AbortSignal.timeout(SEES_MS_MAX);
    while (this.client.state !== 'closed' && (this.seenOf(room).order.at(-1) ?? 0) < sequence) {
      await once(this.client, 'notification', { signal }).catch(() => {});
      if (!signal.aborted) continue;
      this.problems.push(`${room}: ${this.nickname} was not sent ${sequence}, where it ends`);
      return;
    }
  }

  async leave(): Promise<void> {
    this.#isLeaving = true;
    await this.client.leave();
  }

  /** Ends at once, when the run has failed. */
  abandon(): void {
    this.#isLeaving = true;
    this.client.abandon();
  }

  seenOf(room: string): Seen {
    const seen = this.seen.get(room) ?? { order: [], texts: new Map(), gaps: 0 };
    this.seen.set(room, seen);
    return seen;
  }

  /** Mostly says something new, sometimes changes or takes back something that was accepted. */
  async #utter(rooms: readonly string[]): Promise<void> {
    const { client } = this;
    const room = this.#random.pick(rooms);
    const text = `${this.nickname} says ${this.sayings.length}`;
    const own = this.sayings.filter(({ kind, fate }) => kind === 'text' && fate === 'accepted');
    const kind = own.length > 0 && this.#random.chance(0.1) ? this.#random.pick(['edit', 'delete']) : 'text';
    if (kind === 'text') {
      await this.#follow(this.#note({ room, kind, text }), client.say(text, room));
      return;
    }
    const target = this.#random.pick(own);
    if (kind === 'edit') {
      const saying = this.#note({ room: target.room, kind, text });
      await this.#follow(saying, client.edit(target.room, target.sequence, text));
    } else {
      const saying = this.#note({ room: target.room, kind: 'delete', text: undefined });
      await this.#follow(saying, client.deleteMessage(target.room, target.sequence));
    }
  }

  #note(saying: Pick<Saying, 'room' | 'kind' | 'text'>): Saying {
    const noted: Saying = { ...saying, fate: 'waiting', sequence: 0 };
    this.sayings.push(noted);
    return noted;
  }

  async #follow(saying: Saying, accepted: Promise<{ readonly sequence: number }>): Promise<void> {
    try {
      saying.sequence = (await accepted).sequence;
      saying.fate = 'accepted';
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      // What a server refuses at once is in no log; of the rest only the log knows.
      saying.fate = error.code === 'rate-limited' ? 'refused' : 'unknown';
      if (error.retryAfterMs !== undefined) await after(error.retryAfterMs);
    }
  }
}

function newClient({ address, fingerprint, downloadFolder }: Doorway): ParleyClient {
  const checkServer = (identity: { readonly fingerprint: string }) =>
    identity.fingerprint === fingerprint
      ? undefined
      : ({ reason: 'changed', message: 'another server' } as const);
  return createParleyClient({ ...address, downloadFolder, reconnects: true, tls: { checkServer } });
}

/** Makes an account with a client of its own, and gives what opens it. */
async function makeAccount(
  doorway: Doorway,
  nickname: string,
  kind: Credential['kind'],
): Promise<Credential> {
  const client = newClient(doorway);
  await client.connect();
  await client.account.create({ nickname, password: PASSWORD });
  let credential: Credential = { kind: 'password', password: PASSWORD };
  if (kind === 'key') {
    const key = createLoginKey().credential;
    await client.account.addKey('stress', key);
    credential = key;
  } else if (kind === 'token') {
    credential = { kind: 'token', token: await client.account.createToken('stress') };
  }
  await client.leave();
  return credential;
}
