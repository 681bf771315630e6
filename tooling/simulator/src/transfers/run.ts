import { createRandom, type Random } from '@parley/netsim';
import { Network } from '../chat/network.ts';
import { World } from '../chat/world.ts';
import { type Violation, Violations } from '../checkers/violations.ts';
import { Withdrawals } from './checkers/withdrawals.ts';
import { Giving, putNameOf } from './giving.ts';
import { ProcessDeath } from './host/simulated-process.ts';
import { VirtualHost } from './host/virtual-host.ts';
import { SimulatedUdp } from './network/simulated-udp.ts';
import type { PlannedFolder, SourceEdit, TransferHappening, TransferPlan } from './plan/plan.ts';
import { ServerMachine } from './server-machine.ts';
import type { Sources } from './sources.ts';
import { User } from './user.ts';

/** Time in which everything that is wanted has to be there, after the last fault. */
const SETTLE_MS = 400_000;
/** The server is there again when the faults have ended for so long. */
const PARDON_MS = 20_000;
/** Time after which nothing may be left of those who went. */
const LEAVE_MS = 150_000;
/** So old have things to be that are nobody's, and a little more. */
const ORPHAN_MS = 15 * 86_400_000;
/** So long after its start a server removes what is too old, and a little more. */
const DOUBT_MS = 13 * 3_600_000;
/** It looks for that within an hour. */
const TIDY_MS = 3_601_000;
/** Time in which one small file has to be there when nothing disturbs. */
const PROBE_MS = 60_000;
const PROBE_NAME = 'probe.txt';
const FOLDER_NAME = 'album';

/** What became of a run. */
export interface TransferOutcome {
  readonly violations: readonly Violation[];
  readonly simulatedMs: number;
  /** What became of what was wanted. */
  readonly tallies: Readonly<Record<string, number>>;
  /** Bytes that arrived over the network, in both directions. */
  readonly arrivedBytes: number;
  readonly lines: readonly string[];
  /** Moments at which the processes of each party could have died, life by life. */
  readonly steps: { readonly server: readonly number[]; readonly users: readonly (readonly number[])[] };
  /** What processes waited for, and where those stood that died: of modules whose `await`s are watched. */
  readonly awaits: { readonly passed: ReadonlySet<string>; readonly diedAt: ReadonlySet<string> };
}

/** Plays one plan: real clients' and servers' transfers, with everything between and below them simulated. */
export class TransferRun {
  readonly #plan: TransferPlan;
  readonly #random: Random;
  readonly #world: World;
  readonly #host: VirtualHost;
  readonly #violations: Violations;
  readonly #udp: SimulatedUdp;
  readonly #server: ServerMachine;
  readonly #users: readonly User[];
  #arrivedBytes = 0;
  readonly #giving: Giving;

  constructor(plan: TransferPlan, options: { readonly isTraced: boolean } = { isTraced: false }) {
    const random = createRandom(`transfer run ${plan.seed}`);
    const world = new World(options);
    const host = new VirtualHost(world);
    const violations = new Violations(() => world.now);
    const udp = new SimulatedUdp({
      world,
      random: random.fork('udp'),
      plan: plan.path,
      onArrived: (client, direction, byteLength) => {
        this.#arrivedBytes += byteLength;
        const user = this.#users.find(({ name }) => name === client.name);
        user?.pursuit.budgets[direction].noteArrived(byteLength);
      },
    });
    this.#plan = plan;
    this.#giving = new Giving(plan, () => this.#users);
    this.#random = random;
    this.#world = world;
    this.#host = host;
    this.#violations = violations;
    this.#udp = udp;
    const common = { world, host, violations, udp };
    const withdrawals = new Withdrawals({
      ...common,
      giving: this.#giving,
      server: () => this.#server,
      users: () => this.#users,
      isPrompt: plan.serverDisk.stallRatio === 0,
    });
    this.#server = new ServerMachine({
      ...common,
      random: random.fork('server'),
      disk: plan.serverDisk,
      deaths: plan.deaths.filter(({ party }) => party === 'server'),
      rules: plan.rules,
      rates: plan.rates,
      // What is read wrong is found out by who has read it before.
      hashedFirstBytesMax: plan.hashedFirstBytesMax,
      hashesAhead: plan.serverDisk.flipRatio > 0,
      flipsIn: (path) => !path.endsWith('.jsonl'),
      versionsOf: (name) => this.#giving.versionsOf(name),
      isTold: (name) => this.#giving.isTold(name),
      onDeath: (death) => {
        for (const { pursuit } of this.#users) pursuit.handleServerDeath(death);
      },
      accountCount: plan.kinds.filter((kind) => kind !== 'guest').length,
      onDecreed: (action, target) => withdrawals.handleDecreed(action, target),
      onAccounts: (changes) => withdrawals.handleAccounts(changes),
      onSent: (id, name) => this.#tellOfSent(id, name),
    });
    const network = new Network(world, random.fork('network'), plan.control, this.#server);
    const users: User[] = [];
    for (const index of plan.users.keys()) {
      const user = new User({
        ...common,
        network,
        inbox: this.#server.inbox,
        server: this.#server,
        random: random.fork(`user ${index}`),
        name: `user${index}`,
        kind: plan.kinds[index] ?? 'guest',
        disk: plan.clientDisk,
        bytesPerSecondMax: plan.bytesPerSecondMax,
        deaths: plan.deaths.filter(({ party }) => party === index),
        losesPowerWhenDone: plan.losesPowerWhenDone,
        roommate: plan.hasRoommate && index === plan.users.length - 1 ? users[0] : undefined,
      });
      users.push(user);
    }
    this.#users = users;
    this.#server.addAccounts(users.flatMap(({ identity }) => identity.account));
  }

  /** While it runs, timers and clocks of this thread are those of the run. */
  async execute(): Promise<TransferOutcome> {
    const complain = (error: unknown) => {
      if (!(error instanceof ProcessDeath)) this.#violations.addException(error);
    };
    this.#host.install();
    process.on('unhandledRejection', complain);
    process.on('uncaughtException', complain);
    try {
      await this.#act(() => this.#begin());
      await this.#advance(this.#plan.faultsEndMs);
      await this.#calm();
      await this.#settle();
      await this.#leave();
      await this.#comeBack();
      await this.#leave();
    } catch (error) {
      complain(error);
    } finally {
      process.off('unhandledRejection', complain);
      process.off('uncaughtException', complain);
      this.#host.uninstall();
    }
    const { now: simulatedMs, lines } = this.#world;
    const users = this.#users.map(({ machine }) => machine.steps);
    const steps = { server: this.#server.steps, users };
    const { all: violations } = this.#violations;
    return {
      violations,
      simulatedMs,
      tallies: this.#tallies(),
      arrivedBytes: this.#arrivedBytes,
      lines,
      steps,
      awaits: this.#host.awaits,
    };
  }

  /** Has something happen now, to the end of what it begins. */
  async #act(action: () => void): Promise<void> {
    action();
    await this.#host.endTurn();
  }

  async #advance(endMs: number): Promise<void> {
    while (this.#world.step(endMs)) await this.#host.endTurn();
  }

  #begin(): void {
    const { files, users, folder, happenings } = this.#plan;
    const { sources } = this.#server;
    for (const [index, size] of files.entries()) sources.add(nameOf(index), size);
    sources.add(PROBE_NAME, 1_000);
    if (folder !== undefined) this.#beginFolder(folder);
    this.#server.start();
    for (const [index, user] of this.#users.entries()) {
      this.#world.after(this.#random.ratio() * 500, () => user.start());
      for (const { file, atMs } of users[index] ?? []) {
        this.#world.after(atMs, () => user.get(nameOf(file), sources));
      }
    }
    this.#giving.begin(this.#server.inbox, ({ pursuit }, errand, atMs) => {
      this.#world.after(atMs, () => pursuit.add(errand));
    });
    for (const happening of happenings) {
      this.#world.after(happening.atMs, () => {
        this.#world.log(() => `*** ${JSON.stringify(happening)}`);
        this.#happen(happening);
      });
    }
  }

  #beginFolder({ files, wants }: PlannedFolder): void {
    const { sources } = this.#server;
    sources.addTree(FOLDER_NAME, files);
    for (const { user, atMs } of wants) {
      this.#world.after(atMs, () => this.#users[user]?.getFolder(FOLDER_NAME, sources));
    }
  }

  /** Everybody is let in again, and may write. */
  async #pardon(): Promise<void> {
    await this.#advance(this.#world.now + PARDON_MS);
    await this.#act(() => this.#server.operate('open', ''));
    for (const name of this.#users.flatMap(({ identity }) => identity.nicknames)) {
      await this.#act(() => this.#server.operate('unban', name));
      await this.#act(() => this.#server.operate('unmute', name));
    }
  }

  /** Whoever a file was sent to reads of it; how, is for the chat's simulator. */
  #tellOfSent(id: string, name: string): void {
    const sources = this.#giving.sourcesOf(name);
    const recipient = this.#giving.recipientOf(name);
    if (sources === undefined || recipient?.user === undefined) return;
    this.#world.after(this.#random.ratio() * 1_000, () => {
      if (recipient.user !== undefined && this.#giving.isForgotten(recipient.user)) return;
      recipient.user?.hearOfSent(id, { name, sources, isAccepted: recipient.isAccepted });
    });
  }

  /** The faults end; before that, somebody dies if nobody has. */
  async #calm(): Promise<void> {
    const { deaths } = this.#plan;
    const machines = [this.#server, ...this.#users.map(({ machine }) => machine)];
    const hasDied = machines.some((machine) => machine.deaths > 0);
    if (deaths.length > 0 && !hasDied) this.#random.pick(machines).kill(deaths[0]?.death ?? 'kill');
    this.#world.log(() => '*** the faults end');
    this.#udp.setDark(false);
    this.#udp.calm();
    await this.#act(() => this.#server.calm());
    for (const user of this.#users) await this.#act(() => user.calm());
  }

  async #settle(): Promise<void> {
    if (this.#plan.happenings.some(({ kind }) => kind === 'moderate')) await this.#pardon();
    await this.#advance(this.#world.now + SETTLE_MS);
    for (const { pursuit } of this.#users) {
      for (let flip = 0; flip < this.#server.faults.flips; flip += 1) pursuit.budgets.download.allowChunk();
      pursuit.excuseFaults(this.#server.faults.count + this.#server.faults.flips);
      pursuit.auditSettled();
    }
    this.#server.inbox.auditLedger();
    this.#server.inbox.auditTold();
  }

  /** All users leave, and then the server stops: nobody may leave anything behind. */
  async #leave(): Promise<void> {
    for (const user of this.#users) await this.#act(() => user.leave(true));
    await this.#advance(this.#world.now + LEAVE_MS);
    this.#server.auditEmpty();
    await this.#act(() => this.#server.stop());
    await this.#advance(this.#world.now + 10_000);
    this.#server.auditStopped();
  }

  /** Two weeks later everything works, and what nobody wants any more goes. */
  async #comeBack(): Promise<void> {
    this.#host.letPass(ORPHAN_MS);
    await this.#act(() => this.#server.start());
    await this.#advance(this.#world.now + 1_000);
    for (const user of this.#users) {
      user.pursuit.giveUpVain();
      user.get(PROBE_NAME, this.#server.sources);
      await this.#act(() => user.comeBack());
    }
    await this.#advance(this.#world.now + PROBE_MS);
    for (const user of this.#users) {
      user.pursuit.auditSettled();
      user.auditFolder();
    }
    this.#host.letPass(DOUBT_MS);
    await this.#advance(this.#world.now + TIDY_MS);
    this.#server.auditFolder();
  }

  #happen(happening: TransferHappening): void {
    const user = 'user' in happening ? this.#users[happening.user] : undefined;
    switch (happening.kind) {
      case 'death':
        this.#machineOf(happening.party)?.kill(happening.death);
        break;
      case 'leave':
        user?.leave(false);
        break;
      case 'edit':
        this.#edit(this.#server.sources, nameOf(happening.file), happening);
        break;
      case 'edit-own':
        if (user) this.#edit(user.sources, putNameOf(happening.user, happening.file), happening);
        break;
      case 'pause':
        user?.pursuit.pause(happening.want);
        this.#world.after(happening.lastsMs, () => user?.pursuit.resume(happening.want));
        break;
      case 'cancel':
        user?.pursuit.cancel(happening.want, happening.again);
        break;
      case 'disturb':
        this.#udp.disturb(happening.lastsMs, happening.deaf);
        break;
      case 'moderate':
        if (user === undefined) break;
        if (happening.action === 'mute') this.#giving.noteMuted(user);
        this.#server.operate(happening.action, user.identity.nickname);
        break;
      case 'revoke':
        if (user !== undefined && user.identity.kind !== 'guest')
          this.#server.receive(user.identity.revocation);
        break;
      case 'delete-account':
        if (user !== undefined && user.identity.kind !== 'guest')
          this.#server.receive(user.identity.deletion);
        break;
      case 'restart':
        this.#server.restart(happening.rules);
        break;
      case 'dark':
        this.#udp.setDark(true);
        this.#world.after(happening.lastsMs, () => this.#udp.setDark(false));
        break;
      case 'clock':
        this.#host.setClocks(happening.byMs);
        break;
      case 'cut':
        user?.program?.connection?.cut(happening.hearing);
        break;
      default:
        happening satisfies never;
    }
  }

  #machineOf(party: 'server' | number) {
    return party === 'server' ? this.#server : this.#users[party]?.machine;
  }

  #edit(
    sources: Sources,
    name: string,
    { edit, bytes }: { readonly edit: SourceEdit; readonly bytes: number },
  ): void {
    sources.edit(name, edit, bytes);
    for (const { pursuit } of this.#users) pursuit.handleEdit(name);
  }

  #tallies(): Record<string, number> {
    const tallies: Record<string, number> = {};
    for (const { pursuit } of this.#users) {
      for (const { errand, state, lastFailure } of pursuit.wants) {
        if (errand.title === PROBE_NAME) continue;
        const end = state === 'idle' ? (lastFailure?.code ?? state) : state;
        const kind = errand.direction === 'upload' ? `${end} (upload)` : end;
        tallies[kind] = (tallies[kind] ?? 0) + 1;
      }
    }
    return tallies;
  }
}

function nameOf(file: number): string {
  return `file${file}.bin`;
}
