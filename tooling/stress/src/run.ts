import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import { createRandom } from '@parley/netsim';
import { USER_SECRET_BYTES } from '@parley/protocol';
import { startTcpRelay, type TcpRelay } from '@parley/relay';
import { checkLog, checkView, readLogs } from './check-log.ts';
import type { Course } from './course.ts';
import { Hostile } from './hostile/hostile.ts';
import type { Plan } from './plan.ts';
import { type ServerFigures, ServerProcess } from './server-process.ts';
import { type Fate, Talker } from './talker.ts';
import { Witness } from './witness.ts';

/** How a run is played. */
export interface RunOptions {
  readonly plan: Plan;
  readonly course: Course;
  /** An empty one. */
  readonly folder: string;
  readonly isFromSource: boolean;
  /** Whether talkers keep below what a server takes for long. */
  readonly isPaced: boolean;
  /** Ends the run before its time: its reason is what the run fails with then. */
  readonly signal?: AbortSignal;
}

/** What came of a run. */
export interface RunResult {
  readonly said: Readonly<Record<Fate, number>>;
  /** Messages of hostile clients that were accepted. */
  readonly hostileAccepted: number;
  readonly entries: number;
  /** Those that came to somebody who watches. */
  readonly witnessed: number;
  readonly connections: number;
  readonly cuts: number;
  readonly memoryMbMax: number;
  readonly sessionsLeft: number;
  /** One sentence for everything that should not be. */
  readonly problems: readonly string[];
}

const ROOMS = ['lobby', 'workshop'];
const MEMORY_POLL_MS = 200;
/**
 * What a server may take at the most. It starts with about 100 MB; each client that does not read costs up to 1 MiB
 * (CHAT-SLOW-1), and V8 collects late when there is room.
 */
const MEMORY_MB_MAX = 400;
/** Those that are being closed are forgotten within this time (CHAT-GOODBYE-1). */
const EMPTY_MS_MAX = 10_000;
const EMPTY_POLL_MS = 100;

/** Plays a plan against the server program, and compares everything at the end. */
export async function playStress(options: RunOptions): Promise<RunResult> {
  const { signal } = options;
  const run = new Run(options);
  const interruption = new Promise<never>((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason));
  });
  try {
    return await Promise.race([run.play(), interruption]);
  } finally {
    await run.clear();
  }
}

class Run {
  readonly #options: RunOptions;
  readonly #talkers: Talker[] = [];
  readonly #hostiles: Hostile[] = [];
  readonly #problems: string[] = [];
  #server: ServerProcess;
  #relay: TcpRelay | undefined;
  #witness: Witness | undefined;
  #port = 0;
  #memoryBytesMax = 0;
  #isRestarting = false;
  #isOver = false;

  constructor(options: RunOptions) {
    this.#options = options;
    this.#server = this.#startServer(0);
  }

  async play(): Promise<RunResult> {
    const { plan, course, isPaced, folder } = this.#options;
    const { port, fingerprint } = await this.#server.ready();
    this.#port = port;
    const memory = this.#watchMemory();
    const target = { host: '127.0.0.1', port };
    const { bytesBeforeCutMean, seed } = plan;
    const relay = await startTcpRelay({ target, bytesBeforeCutMean, seed });
    this.#relay = relay;
    relay.setCutting(false);
    await this.#enter({ fingerprint, downloadFolder: folder });
    relay.setCutting(true);
    const witness = new Witness(port, createRandom(seed).fork('witness').bytes(USER_SECRET_BYTES));
    this.#witness = witness;
    const watching = witness.watch();
    const talking = this.#talkers.map((talker) => talker.talk(course, ROOMS, isPaced));
    const over = course.reach(1).then(() => course.end());
    await Promise.all([over, this.#killServers(), this.#attack(), ...talking]);
    relay.setCutting(false);
    await this.#seeTheEnd();
    witness.stop();
    await watching;
    const sessionsLeft = await this.#leave();
    this.#isOver = true;
    await memory;
    return this.#compare(sessionsLeft);
  }

  /** Leaves nothing behind. */
  async clear(): Promise<void> {
    this.#isOver = true;
    this.#options.course.end();
    for (const hostile of this.#hostiles) hostile.stop();
    for (const talker of this.#talkers) talker.abandon();
    this.#witness?.stop();
    await this.#server.kill();
    await this.#relay?.close();
  }

  #startServer(port: number): ServerProcess {
    const { folder, isFromSource } = this.#options;
    return new ServerProcess({ folder, port, isFromSource });
  }

  async #enter(doorway: { readonly fingerprint: string; readonly downloadFolder: string }): Promise<void> {
    const { plan } = this.#options;
    const random = createRandom(plan.seed).fork('talkers');
    const direct = { ...doorway, address: { host: '127.0.0.1', port: this.#port } };
    const address = this.#relay?.address ?? direct.address;
    for (const talkerPlan of plan.talkers) {
      const talker = new Talker(talkerPlan, { ...doorway, address }, random.fork(talkerPlan.nickname));
      this.#talkers.push(talker);
      await talker.enter(direct, ROOMS);
    }
  }

  async #killServers(): Promise<void> {
    const { plan, course } = this.#options;
    for (const part of plan.kills) {
      await course.reach(part);
      this.#isRestarting = true;
      await this.#server.kill();
      this.#problems.push(...this.#server.complaints);
      // Nobody would end one that is started now.
      if (this.#isOver) return;
      this.#server = this.#startServer(this.#port);
      await this.#server.ready();
      this.#isRestarting = false;
    }
  }

  /** Each attack at its part of the way; what is still there in the end is ended. */
  async #attack(): Promise<void> {
    const { plan, course } = this.#options;
    const random = createRandom(plan.seed).fork('hostiles');
    // A guest's name is free while the guest is cut off; that of an account never is.
    const victim = plan.talkers.find(({ entrance }) => entrance !== 'guest')?.nickname ?? '';
    const attacks = plan.hostiles.map(async (hostilePlan) => {
      await course.reach(hostilePlan.at);
      const hostile = new Hostile({
        plan: hostilePlan,
        port: this.#port,
        random: random.fork(hostilePlan.name),
        victim,
      });
      this.#hostiles.push(hostile);
      await hostile.play();
    });
    await course.reach(1);
    for (const hostile of this.#hostiles) hostile.stop();
    await Promise.all(attacks);
  }

  async #seeTheEnd(): Promise<void> {
    const [first] = this.#talkers;
    for (const room of ROOMS) {
      const last = (await first?.say(room, `the end of ${room}`)) ?? 0;
      for (const talker of this.#talkers) await talker.sees(room, last);
    }
  }

  /** Everybody goes; then nothing of anybody may be left. Gives how many sessions are. */
  async #leave(): Promise<number> {
    await Promise.all(this.#talkers.map((talker) => talker.leave()));
    const deadline = performance.now() + EMPTY_MS_MAX;
    let figures = await this.#server.figures();
    while (held(figures) > 0 && performance.now() < deadline) {
      await after(EMPTY_POLL_MS);
      figures = await this.#server.figures();
    }
    if (held(figures) > 0) this.#problems.push(`everybody has left, and it holds ${JSON.stringify(figures)}`);
    const end = await this.#server.stop();
    if (end !== 'exit code 0') this.#problems.push(`the server ended with ${end}`);
    this.#problems.push(...this.#server.complaints);
    return figures.sessions;
  }

  async #compare(sessionsLeft: number): Promise<RunResult> {
    const { folder } = this.#options;
    const talkers = this.#talkers;
    const accepted = this.#hostiles.flatMap((hostile) => hostile.accepted);
    const problems = [
      ...this.#problems,
      ...talkers.flatMap((talker) => talker.problems),
      ...this.#hostiles.flatMap((hostile) => hostile.problems),
      ...(this.#witness?.problems ?? []),
    ];
    const logs = await readLogs(join(folder, 'data', 'history.sqlite3'));
    let entries = 0;
    for (const [room, log] of logs) {
      entries += log.length;
      problems.push(...checkLog(log, room, { talkers, accepted }));
      if (ROOMS.includes(room)) problems.push(...talkers.flatMap((talker) => checkView(log, room, talker)));
    }
    const memoryMbMax = Math.round(this.#memoryBytesMax / 1e6);
    if (memoryMbMax > MEMORY_MB_MAX)
      problems.push(`the server took ${memoryMbMax} MB, more than ${MEMORY_MB_MAX}`);
    const said: Record<Fate, number> = { waiting: 0, accepted: 0, refused: 0, unknown: 0 };
    for (const { sayings } of talkers) for (const { fate } of sayings) said[fate] += 1;
    if (said.waiting > 0) problems.push(`${said.waiting} messages were never answered`);
    const { connections = 0, cuts = 0 } = this.#relay?.statistics() ?? {};
    const counts = { hostileAccepted: accepted.length, entries, witnessed: this.#witness?.count ?? 0 };
    return { said, ...counts, connections, cuts, memoryMbMax, sessionsLeft, problems };
  }

  async #watchMemory(): Promise<void> {
    while (!this.#isOver) {
      if (!this.#isRestarting)
        this.#memoryBytesMax = Math.max(this.#memoryBytesMax, this.#server.memoryBytes);
      await after(MEMORY_POLL_MS);
    }
  }
}

/** Everything that has to be nothing when nobody is here. */
function held(figures: ServerFigures): number {
  const { sessions, registered, connections, addresses, members, queuedBytes } = figures;
  const { pendingWrites, pendingRequests } = figures;
  const people = sessions + registered + connections + addresses + members;
  return people + queuedBytes + pendingWrites + pendingRequests;
}
