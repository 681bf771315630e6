import { type AccountChange, MemoryLog } from '@parley/server-core/pure';
import type { ServerSide } from '../chat/server-side.ts';
import { Inbox } from './checkers/inbox.ts';
import { Machine, type MachineOptions } from './machine.ts';
import { type Decision, operatorAccount, visitOfOperator } from './operator.ts';
import type { ServerRules } from './plan/plan.ts';
import { ServerProgram, type ServerProgramOptions } from './server-program.ts';
import { Sources } from './sources.ts';
import type { Visit } from './visit.ts';

/** What the server's machine is made of. */
export type ServerMachineOptions = Omit<MachineOptions, 'name' | 'folders' | 'onTrespass'> &
  Pick<
    ServerProgramOptions,
    | 'udp'
    | 'violations'
    | 'rules'
    | 'rates'
    | 'hashesAhead'
    | 'hashedFirstBytesMax'
    | 'onSent'
    | 'onDecreed'
    | 'onAccounts'
  > &
  Pick<ConstructorParameters<typeof Inbox>[1], 'versionsOf' | 'isTold' | 'accountCount'>;

const FOLDER = '/shared';
/** A server that is stopped is gone after this time. */
const RESTART_MS = 3_000;

/** The machine of the server: starts it again whenever it died. */
export class ServerMachine extends Machine {
  /** The shared files. */
  readonly sources: Sources;
  /** What users have put there. */
  readonly inbox: Inbox;
  readonly #server: ServerMachineOptions;
  readonly #log = new MemoryLog();
  readonly #accounts = operatorAccount();
  #program: ServerProgram | undefined;
  #rules: ServerRules;

  constructor(options: ServerMachineOptions) {
    const { world, random, violations } = options;
    super({
      ...options,
      name: 'server',
      folders: [FOLDER],
      onTrespass: (path) => violations.add('roots', `the server touched ${path}`),
      onDeath: (death) => {
        options.onDeath(death);
        world.after(200 + random.ratio() * 8_000, () => this.start());
      },
    });
    this.#server = options;
    const { disk } = this;
    this.sources = new Sources(world, disk, FOLDER, random.fork('sources'));
    const { versionsOf, isTold, accountCount } = options;
    this.#rules = options.rules;
    const { uploadLimits: limits } = options.rules;
    this.inbox = new Inbox(violations, {
      disk,
      folder: FOLDER,
      limits,
      versionsOf,
      isTold,
      accountCount,
      mayBeLost: () => this.faults.mayHaveLost,
    });
    disk.watcher = this.inbox;
  }

  start(): void {
    if (this.process !== undefined) return;
    const { process, fileSystem, life } = this.boot();
    const random = this.#server.random.fork(`life ${life}`);
    const rules = this.#rules;
    this.inbox.setLimits(rules.uploadLimits);
    const parts = {
      process,
      fileSystem,
      folder: FOLDER,
      life,
      random,
      rules,
      log: this.#log,
      accounts: this.#accounts,
      inbox: this.inbox,
    };
    const program = new ServerProgram({ ...this.#server, ...parts });
    this.#program = program;
    process.enter(() => void program.start());
  }

  /** A client connects: gives our side of the connection, unless nobody listens. */
  accept(address: string): ServerSide | undefined {
    return this.process && this.#program?.accept(address);
  }

  /** The process ends in order. */
  stop(): void {
    const { process } = this;
    process?.enter(() => void this.#program?.stop());
  }

  /** Users have these accounts; before it is started. */
  addAccounts(accounts: readonly AccountChange[]): void {
    this.#accounts.push(...accounts);
  }

  /** Somebody says something to the server, if it is there. */
  receive(visit: Visit): void {
    this.process?.enter(() => this.#program?.receive(visit));
  }

  /** The operator does something to a user, if the server is there. */
  operate(action: Decision, target: string): void {
    this.receive(visitOfOperator(action, target));
  }

  /** The operator stops the server and starts it with other rules; what is under way is cut. */
  restart(rules: ServerRules): void {
    if (rules === this.#rules) return;
    this.#rules = rules;
    const { process } = this;
    if (process === undefined) return;
    this.stop();
    this.#server.world.after(RESTART_MS, () => {
      // It may have died meanwhile.
      if (!process.isAlive) return;
      process.exit();
      this.#server.onDeath('kill');
      this.start();
    });
  }

  /** As the operator wanted it first. */
  override calm(): void {
    super.calm();
    this.restart(this.#server.rules);
  }

  /** Nobody is here any more: nothing may be left of them. */
  auditEmpty(): void {
    const { transfers = 0, tickets = 0, connections = 0 } = this.#program?.counters ?? {};
    const reservations = this.#program?.reservedCount ?? 0;
    const isEmpty = transfers + tickets + connections + reservations + this.openPaths.length === 0;
    this.#server.violations.require(isEmpty, 'leak', () => {
      const held = `${transfers} transfers, ${tickets} tickets, ${reservations} reservations`;
      const counts = `${held}, ${connections} connections`;
      return `the server has ${counts}, open: ${this.openPaths.join(' ')}`;
    });
  }

  /** Everything is over for long: nothing is left that nobody wants, and the shared files are what they were. */
  auditFolder(): void {
    this.inbox.auditFolder();
    const { spoiled } = this.sources;
    this.#server.violations.require(spoiled.length === 0, 'roots', () => {
      return `the server has changed ${spoiled.join(' ')}`;
    });
  }

  /** It was stopped: it is gone, with all that it had. */
  auditStopped(): void {
    const { process } = this;
    const timers = process?.timerCount ?? 0;
    this.#server.violations.require(timers === 0, 'leak', () => `the server has ${timers} timers left`);
    process?.exit();
  }
}
