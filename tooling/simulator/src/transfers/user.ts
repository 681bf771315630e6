import type { ClientNotification, Transfer } from '@parley/client-core';
import { isTransferOver } from '@parley/client-core';
import { partPathsFor } from '@parley/client-core/parts';
import { USER_SECRET_BYTES, type UserSecret } from '@parley/protocol';
import type { Network } from '../chat/network.ts';
import type { Violations } from '../checkers/violations.ts';
import { Budget } from './checkers/budget.ts';
import { TargetChecker } from './checkers/target-checker.ts';
import { ClientProgram } from './client-program.ts';
import type { DeathKind, SimulatedProcess } from './host/simulated-process.ts';
import { Machine, type MachineOptions } from './machine.ts';
import type { SimulatedUdp } from './network/simulated-udp.ts';
import type { Sources } from './sources.ts';
import type { Want } from './want.ts';

/** The download engine has ended what it does after this time, and every connection is gone. */
const quietMs = 100_000;
/** A cancelled transfer has left the disk after this time. */
const cancelMs = 10_000;

/** What a user is made of. */
export type UserOptions = Omit<MachineOptions, 'onDeath' | 'onTrespass' | 'folder'> & {
  readonly network: Network;
  readonly udp: SimulatedUdp;
  readonly violations: Violations;
  readonly sources: Sources;
  /** The power may go soon after a file is told to be there. */
  readonly losesPowerWhenDone: boolean;
};

interface Life {
  readonly program: ClientProgram;
  readonly process: SimulatedProcess;
  isLeaving: boolean;
  /** Tries to get the nickname. */
  tries: number;
}

/** A person with a machine: wants files, and starts the program again whenever it ended. */
export class User {
  readonly machine: Machine;
  readonly budget = new Budget();
  readonly wants: Want[] = [];
  readonly #options: UserOptions;
  readonly #secret: UserSecret;
  #life: Life | undefined;
  #isGone = false;

  constructor(options: UserOptions) {
    const { random, violations, name, sources } = options;
    this.#options = options;
    this.#secret = random.fork('secret').bytes(USER_SECRET_BYTES) as Uint8Array as UserSecret;
    this.machine = new Machine({
      ...options,
      folder: '/downloads',
      onDeath: (death) => this.#handleDeath(death),
      onTrespass: (path) => violations.add('roots', `${name} touched ${path}`),
    });
    const { disk } = this.machine;
    const targetOf = (path: string) => {
      const want = this.wants.find(({ targetPath }) => targetPath === path);
      return want && { source: want.name, askedAtMs: want.askedAtMs };
    };
    disk.watcher = new TargetChecker(violations, { disk, sources, targetOf });
  }

  get name(): string {
    return this.#options.name;
  }

  /** The program of the moment, if one runs. */
  get program(): ClientProgram | undefined {
    return this.#life?.program;
  }

  /** Wants a file from now on. */
  want(name: string): void {
    const { folder } = this.machine;
    this.wants.push({
      name,
      targetPath: `${folder}/${name}`,
      state: 'idle',
      number: undefined,
      askedAtMs: 0,
      notBeforeMs: 0,
      lastFailure: undefined,
      isWantedAgain: false,
    });
    this.budget.allowWhole(this.#options.sources.largestOf(name));
    this.#pursue();
  }

  start(): void {
    const { world, udp, network, random, name, violations } = this.#options;
    if (this.#isGone || this.#life !== undefined) return;
    const { process, fileSystem, life: number } = this.machine.boot();
    const program = new ClientProgram({
      world,
      process,
      fileSystem,
      network,
      udp,
      name,
      random: random.fork(`program ${number}`),
      secret: this.#secret,
      onNotification: (notification) => {
        if (this.#life === life) this.#notice(life, notification);
      },
      onException: (error) => {
        if (process.isAlive) violations.addException(error, name);
      },
    });
    const life: Life = { program, process, isLeaving: false, tries: 0 };
    this.#life = life;
    process.enter(() => program.start());
  }

  /** Ends the program in order; without `isForGood` it is started again. */
  leave(isForGood: boolean): void {
    this.#isGone ||= isForGood;
    const life = this.#life;
    if (life === undefined || life.isLeaving) return;
    life.isLeaving = true;
    for (const want of this.#open()) this.budget.allowInterruption(this.#sizeOf(want));
    life.process.enter(() => life.program.command({ type: 'leave', reason: '' }));
  }

  /** The user is back after a time in which nothing was started. */
  comeBack(): void {
    this.#isGone = false;
    for (const want of this.wants) {
      // What is shared no more is not asked for again: an open request has its files.
      if (want.state === 'idle' && !this.#options.sources.isThere(want.name)) want.state = 'cancelled';
    }
    this.start();
  }

  pause(index: number): void {
    this.#command(index, 'pause-transfer');
  }

  resume(index: number): void {
    this.#command(index, 'resume-transfer');
  }

  cancel(index: number, isWantedAgain: boolean): void {
    const want = this.wants[index];
    if (want === undefined) return;
    want.isWantedAgain = isWantedAgain;
    this.#command(index, 'cancel-transfer');
  }

  /** Everything that was stopped goes on, and what was cancelled for a while is wanted again. */
  calm(): void {
    this.machine.calm();
    for (const [index, want] of this.wants.entries()) {
      if (want.state === 'open') this.resume(index);
      if (want.state === 'cancelled' && want.isWantedAgain) this.#wantAgain(want);
    }
    this.#pursue();
  }

  /** Nothing has disturbed for a while: everything that is wanted is there, or there is a reason. */
  auditSettled(): void {
    const { violations, name } = this.#options;
    for (const want of this.wants) {
      const { state, lastFailure } = want;
      const isOver = state === 'done' || state === 'cancelled' || this.#isNowhere(want);
      const transfer = want.number === undefined ? undefined : this.program?.core.transfers.get(want.number);
      violations.require(isOver, 'liveness', () => {
        return `${name}: ${want.name} is ${state} (${transfer?.state}), ${JSON.stringify(lastFailure)}`;
      });
    }
    this.budget.audit(violations, name);
  }

  /** All that can be left over was taken away: only what has a final name is there. */
  auditFolder(): void {
    const { disk, folder } = this.machine;
    const hidden = disk.list(folder).filter((entry) => entry.startsWith('.'));
    this.#options.violations.require(
      hidden.length === 0,
      'orphans',
      () => `${this.name}: ${hidden.join(' ')}`,
    );
  }

  #open(): Want[] {
    return this.wants.filter(({ state }) => state === 'open');
  }

  #sizeOf(want: Want): number {
    return this.#options.sources.largestOf(want.name);
  }

  /** It could not be had, and is shared no more. */
  #isNowhere({ name, lastFailure }: Want): boolean {
    return lastFailure?.code === 'file-not-found' && !this.#options.sources.isThere(name);
  }

  #handleDeath(death: DeathKind): void {
    const { world, random } = this.#options;
    this.#life = undefined;
    for (const want of this.wants) {
      // What was told to be there stays there.
      if (want.state === 'done') this.#checkThere(want, 'after a death');
      if (want.state !== 'open') continue;
      if (death === 'kill') this.budget.allowInterruption(this.#sizeOf(want));
      else this.budget.allowWhole(this.#sizeOf(want));
      want.state = 'idle';
      want.number = undefined;
    }
    world.after(500 + random.ratio() * 10_000, () => this.start());
  }

  #notice(life: Life, notification: ClientNotification): void {
    switch (notification.type) {
      case 'server-greeted':
        this.#register(life);
        break;
      case 'registered':
      case 'reconnected':
        this.#pursue();
        break;
      case 'transfer-changed':
        this.#noticeTransfer(life, notification.transfer);
        break;
      case 'closed':
        void this.#end(life);
        break;
    }
  }

  #register(life: Life): void {
    life.tries += 1;
    life.program.command({ type: 'register', nickname: this.name }, (settlement) => {
      if (settlement.isOk) return;
      // Somebody whose program does not get in starts it again.
      this.#options.world.after(2_000, () => {
        if (this.#life !== life || life.isLeaving) return;
        if (life.tries >= 5 || settlement.error.code === 'already-registered') this.machine.kill('kill');
        else life.process.enter(() => this.#register(life));
      });
    });
  }

  /** The session is over: the program ends, and leaves nothing behind. */
  async #end(life: Life): Promise<void> {
    const { world, violations, name, udp } = this.#options;
    await life.program.close();
    world.after(quietMs, () => {
      if (!life.process.isAlive) return;
      const { openPaths } = this.machine;
      violations.require(openPaths.length === 0, 'leak', () => `${name} has open: ${openPaths.join(' ')}`);
      const { timerCount } = life.process;
      violations.require(timerCount === 0, 'leak', () => `${name} has ${timerCount} timers left`);
      const sides = udp.openSides.filter((side) => side.process === life.process);
      violations.require(sides.length === 0, 'leak', () => `${name} has ${sides.length} connections left`);
      life.process.exit();
      this.#life = undefined;
      for (const want of this.#open()) {
        want.state = 'idle';
        want.number = undefined;
      }
      this.start();
    });
  }

  /** Asks for everything that is wanted and not asked for. */
  #pursue(): void {
    const life = this.#life;
    if (life === undefined || life.isLeaving || life.program.core.session.state !== 'registered') return;
    const isDue = ({ state, notBeforeMs }: Want) =>
      state === 'idle' && notBeforeMs <= this.#options.world.now;
    for (const want of this.wants.filter(isDue)) this.#ask(life, want);
  }

  #ask(life: Life, want: Want): void {
    const { world, random } = this.#options;
    const { name, targetPath } = want;
    // It may have died of the one before.
    if (this.#life !== life) return;
    if (this.machine.disk.find(targetPath) !== undefined) {
      want.state = 'done';
      return;
    }
    want.state = 'open';
    want.askedAtMs = world.now;
    life.process.enter(() => {
      life.program.command({ type: 'download', name, targetPath }, (settlement) => {
        if (this.#life !== life || want.state !== 'open') return;
        if (settlement.isOk) {
          want.number = (settlement.result as Transfer).number;
          return;
        }
        want.state = 'idle';
        this.#askLater(want, 1_000 + random.ratio() * 5_000);
      });
    });
  }

  #askLater(want: Want, delayMs: number): void {
    want.notBeforeMs = this.#options.world.now + delayMs;
    this.#options.world.after(delayMs, () => this.#pursue());
  }

  #wantAgain(want: Want): void {
    want.state = 'idle';
    want.isWantedAgain = false;
    this.budget.allowWhole(this.#sizeOf(want));
  }

  #command(index: number, type: 'pause-transfer' | 'resume-transfer' | 'cancel-transfer'): void {
    const life = this.#life;
    const number = this.wants[index]?.number;
    if (life === undefined || number === undefined) return;
    life.process.enter(() => {
      life.program.command({ type, number }, ({ isOk }) => {
        // A user who cannot go on tries again.
        if (isOk || type !== 'resume-transfer') return;
        this.#options.world.after(5_000, () => {
          if (this.#life === life && this.wants[index]?.number === number) this.resume(index);
        });
      });
    });
  }

  #noticeTransfer(life: Life, transfer: Transfer): void {
    if (!isTransferOver(transfer.state)) return;
    const want = this.wants.find(({ number }) => number === transfer.number);
    if (want?.state !== 'open') return;
    const { random } = this.#options;
    want.number = undefined;
    switch (transfer.state) {
      case 'completed':
        want.state = 'done';
        this.#checkThere(want, 'when it was told');
        this.#checkNothingLeft(want);
        this.#losePowerSoon();
        break;
      case 'cancelled':
        want.state = 'cancelled';
        this.#checkCancelled(life, want);
        break;
      case 'failed':
        want.state = 'idle';
        want.lastFailure = transfer.failure;
        this.#judgeFailure(want);
        this.budget.allowFailure(transfer.failure?.code, this.#sizeOf(want));
        this.#askLater(want, 5_000 + random.ratio() * 10_000);
        break;
      default:
        want.state = 'idle';
    }
  }

  /** What was begun when nothing disturbed any more has no reason to fail. */
  #judgeFailure(want: Want): void {
    const { violations, name } = this.#options;
    const { calmSinceMs } = this.machine;
    const isCalm = calmSinceMs !== undefined && want.askedAtMs > calmSinceMs + 90_000;
    violations.require(!isCalm || this.#isNowhere(want), 'liveness', () => {
      return `${name}: ${want.name} failed in calm: ${JSON.stringify(want.lastFailure)}`;
    });
  }

  #losePowerSoon(): void {
    const { world, random, losesPowerWhenDone } = this.#options;
    if (!losesPowerWhenDone || this.machine.calmSinceMs !== undefined || random.chance(0.5)) return;
    world.after(random.ratio() * 50, () => {
      if (this.machine.calmSinceMs === undefined) this.machine.kill('power-loss');
    });
  }

  #checkThere(want: Want, when: string): void {
    const isThere = this.machine.disk.find(want.targetPath) !== undefined;
    this.#options.violations.require(
      isThere,
      'told the truth',
      () => `${want.targetPath} is not there ${when}`,
    );
  }

  #checkCancelled(life: Life, want: Want): void {
    const { world } = this.#options;
    world.after(cancelMs, () => {
      if (this.#life === life && want.state === 'cancelled') this.#checkNothingLeft(want);
    });
  }

  /** Who is told that a transfer is over finds nothing of it, unless the disk has failed meanwhile. */
  #checkNothingLeft(want: Want): void {
    const { disk, faults } = this.machine;
    if (faults.count > 0) return;
    const left = Object.values(partPathsFor(want.targetPath)).filter((path) => disk.find(path) !== undefined);
    this.#options.violations.require(left.length === 0, 'orphans', () => `${this.name}: ${left.join(' ')}`);
  }
}
