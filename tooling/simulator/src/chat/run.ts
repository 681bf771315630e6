import { createRandom, type Random } from '@parley/netsim';
import { type Nickname, nicknameKey } from '@parley/protocol';
import { type Violation, Violations } from '../checkers/violations.ts';
import { CommittedLog } from './committed-log.ts';
import { Entrance } from './entrance.ts';
import { FaultyStore } from './faulty-store.ts';
import { Hostile } from './hostile.ts';
import { Identity } from './identity.ts';
import { Network } from './network.ts';
import type { ChatHappening, ChatPlan } from './plan/plan.ts';
import { OPERATOR_CODE, ServerMachine } from './server-machine.ts';
import { User } from './user.ts';
import { World } from './world.ts';

/** Time in which everybody has to be back and up to date, after the last fault and the last word. */
const SETTLE_MS = 240_000;
/** Time after which nothing may be left of those who went without a word: their silence has to be noticed. */
const LEAVE_MS = 150_000;
const AUDIT_EVERY_MS = 1_000;

/** What became of a run. */
export interface ChatOutcome {
  readonly violations: readonly Violation[];
  readonly simulatedMs: number;
  /** What became of the messages that were said. */
  readonly tallies: Readonly<Record<string, number>>;
  readonly lines: readonly string[];
}

/** Plays one plan: real cores of the server and of the clients, with everything between them simulated. */
export class ChatRun {
  readonly #plan: ChatPlan;
  readonly #random: Random;
  readonly #world: World;
  readonly #violations: Violations;
  readonly #committed: CommittedLog;
  readonly #store: FaultyStore;
  readonly #server: ServerMachine;
  readonly #network: Network;
  readonly #identities: readonly Identity[];
  /** Each at a device. */
  readonly #users: readonly User[];
  readonly #hostiles: Hostile[] = [];

  constructor(plan: ChatPlan, options: { readonly isTraced: boolean } = { isTraced: false }) {
    const random = createRandom(`chat run ${plan.seed}`);
    const world = new World(options);
    const violations = new Violations(() => world.now);
    this.#plan = plan;
    this.#random = random;
    this.#world = world;
    this.#violations = violations;
    this.#committed = new CommittedLog(violations);
    this.#store = new FaultyStore(world, random.fork('store'), this.#committed, plan.storeLatencyMsMax);
    const { limits, sendQueueBytesMax, isForgetful } = plan;
    const store = this.#store;
    const machine = { world, random: random.fork('server'), violations, store };
    this.#server = new ServerMachine({ ...machine, limits, sendQueueBytesMax, isForgetful });
    this.#network = new Network(world, random.fork('network'), plan.stream, this.#server);
    const names = Array.from({ length: plan.users }, (_, index) => `user${index}`);
    this.#identities = names.map((name) => new Identity(name));
    this.#users = this.#identities.flatMap((identity, index) =>
      Array.from({ length: plan.devices[index] ?? 1 }, (_, device) => this.#user(identity, index, device)),
    );
  }

  #user(identity: Identity, index: number, device: number): User {
    const { actionEveryMs, longTexts, isModerated, deletesAccounts, entrances } = this.#plan;
    const isFirstDevice = device === 0;
    const name = isFirstDevice ? identity.nickname : `${identity.nickname}.${device}`;
    const isOperator = entrances.findIndex((kind) => kind !== 'guest') === index;
    return new User({
      world: this.#world,
      network: this.#network,
      violations: this.#violations,
      committed: this.#committed,
      name,
      address: `address ${(index + device) % 3}`,
      random: this.#random.fork(name),
      actionEveryMs,
      longTexts,
      isModerated,
      deletesAccounts,
      identity,
      isFirstDevice,
      entrance: new Entrance({
        random: this.#random.fork(`entrance ${name}`),
        identity,
        kind: entrances[index] ?? 'guest',
        invite: isOperator ? OPERATOR_CODE : undefined,
        isFirstDevice,
      }),
      others: () => this.#identities.map(({ nickname }) => nickname),
    });
  }

  execute(): ChatOutcome {
    const { talkEndsMs } = this.#plan;
    const world = this.#world;
    try {
      this.#begin();
      world.run(talkEndsMs);
      for (const user of this.#users) user.fallSilent();
      world.run(talkEndsMs + SETTLE_MS);
      this.#auditSettled();
      for (const user of this.#users) user.leave();
      world.run(talkEndsMs + SETTLE_MS + LEAVE_MS);
      this.#server.auditEmpty();
      for (const { book } of this.#users) book.auditEnd(this.#server);
    } catch (error) {
      this.#violations.addException(error);
    }
    const tallies: Record<string, number> = {};
    for (const { book } of this.#users) {
      for (const [kind, count] of Object.entries(book.tallies)) tallies[kind] = (tallies[kind] ?? 0) + count;
    }
    return { violations: this.#violations.all, simulatedMs: world.now, tallies, lines: world.lines };
  }

  #begin(): void {
    const { happenings, faultsEndMs } = this.#plan;
    this.#server.start();
    for (const user of this.#users) this.#world.after(this.#random.ratio() * 2_000, () => user.start());
    for (const happening of happenings) {
      this.#world.after(happening.atMs, () => {
        this.#world.log(() => `*** ${JSON.stringify(happening)}`);
        this.#happen(happening);
      });
    }
    this.#world.after(faultsEndMs, () => {
      this.#world.log(() => '*** the faults end');
      for (const hostile of this.#hostiles) hostile.stop();
      for (const part of [this.#network, this.#store, this.#server]) part.calm();
    });
    this.#auditLater();
  }

  #auditLater(): void {
    this.#world.after(AUDIT_EVERY_MS, () => {
      this.#server.audit();
      this.#auditLater();
    });
  }

  #happen(happening: ChatHappening): void {
    const { now } = this.#world;
    const user = 'user' in happening ? this.#users[happening.user] : undefined;
    const connection = user?.program?.connection;
    switch (happening.kind) {
      case 'cut':
        connection?.cut(happening.hearing);
        break;
      case 'freeze':
        connection?.freeze(now + happening.lastsMs);
        break;
      case 'black-out':
        this.#network.blackOut(now + happening.lastsMs);
        break;
      case 'slow-reader':
        connection?.toClient.freeze(now + happening.lastsMs);
        break;
      case 'sleep':
        user?.program?.sleep(now + happening.lastsMs);
        break;
      case 'takeover':
        user?.takeOver();
        break;
      case 'program-death':
        user?.killProgram(happening.isTold);
        break;
      case 'store-stall':
        this.#store.stall(now + happening.lastsMs);
        break;
      case 'store-failure':
        this.#store.fail(now + happening.lastsMs);
        break;
      case 'server-kill':
        this.#server.kill();
        this.#startServerLater(happening.lastsMs);
        break;
      case 'server-restart':
        this.#server.stop(happening.lastsMs);
        this.#startServerLater(happening.lastsMs);
        break;
      case 'clock-jump':
        this.#server.jumpClock(happening.byMs);
        break;
      case 'hostile': {
        const { manner } = happening;
        const name = `hostile${this.#hostiles.length}`;
        const options = { manner, name, address: `address ${happening.user % 3}` };
        this.#hostiles.push(new Hostile(this.#world, this.#random.fork(name), this.#network, options));
        break;
      }
      default:
        happening satisfies never;
    }
  }

  /** Starts the server when the time has come and the old process is gone. */
  #startServerLater(delayMs: number): void {
    this.#world.after(delayMs, () => {
      if (this.#server.isStopping) this.#startServerLater(100);
      else if (!this.#server.isUp) this.#server.start();
    });
  }

  /** Nothing has disturbed for a while: everybody is here, nothing waits, and all see the same. */
  #auditSettled(): void {
    const violations = this.#violations;
    for (const { name, program, isExpected } of this.#users) {
      if (!isExpected) continue;
      const state = program?.client.session.state;
      violations.require(
        state === 'registered',
        'liveness',
        () => `${name} is ${state ?? 'without a program'}`,
      );
      const waiting = program?.waiting ?? [];
      violations.require(waiting.length === 0, 'liveness', () => `${name} waits for ${waiting.join()}`);
      const queued = program?.client.outbox.entries.length ?? 0;
      violations.require(queued === 0, 'outbox drains', () => `${name} has ${queued} messages left`);
    }
    const { isForgetful, happenings } = this.#plan;
    // Where the disk fails, who comes in may not be told where they stand.
    const isExact = !isForgetful && !happenings.some(({ kind }) => kind === 'store-failure');
    for (const user of this.#users) {
      user.program?.view.auditSettled(this.#store.log, (roomKey) => this.#usersIn(roomKey));
      if (!isForgetful) user.auditSettled((nickname, roomKey) => this.#markerOf(nickname, roomKey), isExact);
    }
  }

  /** Up to where the user of an account has read a room; nobody asks for that of a guest. */
  #markerOf(nickname: string, roomKey: string): number | undefined {
    const userId = this.#server.userIdOf(nickname);
    return userId === undefined ? undefined : this.#store.log.readMarkers(userId, [roomKey])[0];
  }

  #usersIn(roomKey: string): string[] {
    const here = this.#users.filter(({ program }) => program?.client.rooms.find(roomKey) !== undefined);
    return [...new Set(here.map(({ nickname }) => nicknameKey(nickname as Nickname)))];
  }
}
