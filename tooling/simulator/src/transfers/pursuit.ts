import type { Transfer } from '@parley/client-core';
import { isTransferOver } from '@parley/client-core';
import type { Random } from '@parley/netsim';
import type { World } from '../chat/world.ts';
import type { Violations } from '../checkers/violations.ts';
import { Budget } from './checkers/budget.ts';
import type { ClientProgram } from './client-program.ts';
import { AcceptFile } from './errands/accept-file.ts';
import { AcceptFolder } from './errands/accept-folder.ts';
import type { Errand, Want } from './errands/errand.ts';
import type { DeathKind, SimulatedProcess } from './host/simulated-process.ts';
import type { Machine } from './machine.ts';

/** Time that what was begun before the calm may take to fail: a lock gets old within a minute, and that of a clock that was set back within two. */
const STALE_MS = 130_000;
/** A cancelled transfer has left the disk after this time. */
const CANCEL_MS = 10_000;

/** A program that runs. */
export interface Running {
  readonly program: ClientProgram;
  readonly process: SimulatedProcess;
}

/** What a user's pursuit is made of. */
export interface PursuitOptions {
  readonly world: World;
  readonly random: Random;
  readonly violations: Violations;
  readonly name: string;
  readonly machine: Machine;
  readonly server: Machine;
  /** The program, while commands may be given to it. */
  readonly running: () => Running | undefined;
  /** The power may go soon after a file is told to be there, where it is. */
  readonly losesPowerWhenDone: boolean;
  /** Whether somebody else's program on the same machine is at the same place. */
  readonly isShared: (errand: Errand) => boolean;
  /** An errand was done, as the user is told. */
  readonly onDone: (errand: Errand) => void;
}

/** All that a user wants: asks for it, again when it failed, and judges what comes of it. */
export class Pursuit {
  readonly wants: Want[] = [];
  readonly budgets: { readonly [Direction in Errand['direction']]: Budget } = {
    download: new Budget(),
    upload: new Budget(),
  };
  readonly #options: PursuitOptions;

  constructor(options: PursuitOptions) {
    this.#options = options;
  }

  /** Something is wanted from now on. */
  add(errand: Errand): void {
    this.wants.push({
      errand,
      state: 'idle',
      number: undefined,
      askedAtMs: 0,
      notBeforeMs: 0,
      lastFailure: undefined,
      isWantedAgain: false,
    });
    this.#allowWhole(errand);
    this.pursue();
  }

  /** Asks for everything that is wanted and not asked for. */
  pursue(): void {
    const running = this.#options.running();
    if (running?.program.core.session.state !== 'registered') return;
    const isDue = ({ state, notBeforeMs }: Want) =>
      state === 'idle' && notBeforeMs <= this.#options.world.now;
    for (const want of this.wants.filter(isDue)) this.#ask(running, want);
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
    for (const [index, want] of this.wants.entries()) {
      if (want.state === 'open') this.resume(index);
      if (want.state !== 'cancelled' || !want.isWantedAgain) continue;
      want.state = 'idle';
      want.isWantedAgain = false;
      this.#allowWhole(want.errand);
    }
    this.pursue();
  }

  /** What cannot be had is not asked for again. */
  giveUpVain(): void {
    for (const want of this.wants) {
      if (want.state === 'idle') want.state = 'cancelled';
    }
  }

  /** The program leaves: what runs goes on another time. */
  handleLeave(): void {
    for (const { errand } of this.#open()) this.#allowInterruption(errand);
  }

  /** The program is gone. */
  handleEnd(): void {
    for (const want of this.#open()) reopen(want);
  }

  handleDeath(death: DeathKind): void {
    for (const want of this.wants) {
      // What was told to be done stays done.
      if (want.state === 'done') this.#requireDone(want.errand.troubleAfterDone(), 'after a death');
    }
    for (const { errand } of this.#open())
      this.#allowDeath(errand, errand.direction === 'upload' ? 'kill' : death);
    this.handleEnd();
  }

  /** The server's machine died: what was on its way there may be gone. */
  handleServerDeath(death: DeathKind): void {
    for (const { errand, state } of this.wants) {
      if (errand.direction !== 'upload') continue;
      if (state === 'done') this.#requireDone(errand.troubleAfterDone(), 'after a death of the server');
      // Of a folder all is lost that was being made durable.
      else if (errand.fileBytesMax !== undefined) this.#allowWhole(errand);
      else this.#allowDeath(errand, death);
    }
  }

  /** A file of that name, here or there, is another one now. */
  handleEdit(name: string): void {
    for (const { errand } of this.wants) if (errand.sourceName === name) this.#allowWhole(errand);
  }

  /** The account is deleted: what was uploaded with it and has no name is gone, and what was sent to it. */
  handleForgotten(): void {
    for (const want of this.wants) {
      const { errand, state } = want;
      if (errand instanceof AcceptFile || errand instanceof AcceptFolder) {
        if (state !== 'done') want.state = 'cancelled';
      } else if (errand.direction === 'upload' && state !== 'done') this.#allowWhole(errand);
    }
  }

  /** The server's disk has failed, or was read wrong, so often: what was not sent right in the middle of a folder came for nothing (CHAT-FOLDER-4). */
  excuseFaults(count: number): void {
    for (const { errand } of this.wants) {
      if (errand.direction === 'upload' || errand.fileBytesMax === undefined) continue;
      for (let fault = 0; fault < count; fault += 1) this.budgets.download.allowWhole(errand.fileBytesMax);
    }
  }

  handleTransfer(transfer: Transfer): void {
    // What is not open any more may have had the number in an earlier life of the program.
    const want = this.#open().find(({ number }) => number === transfer.number);
    if (want === undefined) return;
    const { errand } = want;
    const isLosing = errand.direction === 'upload' || errand.fileBytesMax !== undefined;
    if (transfer.state === 'interrupted' && isLosing) this.#allowInterruption(errand);
    if (!isTransferOver(transfer.state)) return;
    want.number = undefined;
    switch (transfer.state) {
      case 'completed':
        this.#handleDone(want, transfer);
        break;
      case 'cancelled':
        want.state = 'cancelled';
        this.#checkCancelled(want);
        break;
      case 'failed':
        this.#handleFailure(want, transfer.failure);
        break;
      default:
        // The session is over, and not as the user wanted.
        this.budgets[errand.direction].allowInterruption(errand);
        want.state = 'idle';
    }
  }

  /** Nothing has disturbed for a while: everything that is wanted is there, or there is a reason. */
  auditSettled(): void {
    const { violations, name } = this.#options;
    for (const want of this.wants) {
      const { state, lastFailure, number, errand } = want;
      const isOver = state === 'done' || state === 'cancelled' || errand.isEndedBy(lastFailure?.code);
      const transfer =
        number === undefined ? undefined : this.#options.running()?.program.core.transfers.get(number);
      violations.require(isOver, 'liveness', () => {
        return `${name}: ${errand.title} is ${state} (${transfer?.state}), ${JSON.stringify(lastFailure)}`;
      });
    }
    this.budgets.download.audit(violations, `${name}, downloads:`);
    this.budgets.upload.audit(violations, `${name}, uploads:`);
  }

  #open(): Want[] {
    return this.wants.filter(({ state }) => state === 'open');
  }

  #ask(running: Running, want: Want): void {
    const { world, random } = this.#options;
    // It may have died of the one before.
    if (!this.#isCurrent(running)) return;
    if (want.errand.isFulfilled) {
      want.state = 'done';
      return;
    }
    want.state = 'open';
    want.askedAtMs = world.now;
    running.process.enter(() => {
      want.errand.ask(running.program, (settlement) => {
        if (!this.#isCurrent(running) || want.state !== 'open') return;
        if (settlement.isOk) {
          want.number = (settlement.result as Transfer).number;
          return;
        }
        want.state = 'idle';
        if (want.errand.isEndedBy(settlement.error.code)) want.lastFailure = settlement.error;
        this.#askLater(want, 1_000 + random.ratio() * 5_000);
      });
    });
  }

  #isCurrent(running: Running): boolean {
    return this.#options.running()?.program === running.program;
  }

  #askLater(want: Want, delayMs: number): void {
    want.notBeforeMs = this.#options.world.now + delayMs;
    this.#options.world.after(delayMs, () => this.pursue());
  }

  #command(index: number, type: 'pause-transfer' | 'resume-transfer' | 'cancel-transfer'): void {
    const running = this.#options.running();
    const number = this.wants[index]?.number;
    if (running === undefined || number === undefined) return;
    running.process.enter(() => {
      running.program.command({ type, number }, ({ isOk }) => {
        // A user who cannot go on tries again.
        if (isOk || type !== 'resume-transfer') return;
        this.#options.world.after(5_000, () => {
          if (this.#isCurrent(running) && this.wants[index]?.number === number) this.resume(index);
        });
      });
    });
  }

  #handleDone(want: Want, transfer: Transfer): void {
    const { world, random, losesPowerWhenDone, onDone } = this.#options;
    const where = want.errand.direction === 'upload' ? this.#options.server : this.#options.machine;
    if (where.faults.mayHaveLost) {
      this.#wantAnew(want);
      return;
    }
    want.state = 'done';
    want.errand.handleDone?.(transfer);
    this.#requireDone(want.errand.troubleAfterDone(), 'when it was told');
    this.#requireNothingLeft(want.errand);
    onDone(want.errand);
    if (!losesPowerWhenDone || where.calmSinceMs !== undefined || random.chance(0.5)) return;
    world.after(random.ratio() * 50, () => {
      if (where.calmSinceMs === undefined) where.kill('power-loss');
    });
  }

  /** What was done may be gone, since it was put where nothing stays. */
  #wantAnew(want: Want): void {
    want.state = 'idle';
    this.#allowWhole(want.errand);
    this.#askLater(want, 5_000);
  }

  #handleFailure(want: Want, failure: Want['lastFailure']): void {
    const { violations, name, machine, random } = this.#options;
    const { errand } = want;
    want.state = 'idle';
    want.lastFailure = failure;
    if (errand.direction === 'upload') this.#allowWhole(errand);
    else this.budgets.download.allowFailure(failure?.code, errand);
    // What was begun when nothing disturbed any more has no reason to fail.
    const isCalm = machine.calmSinceMs !== undefined && want.askedAtMs > machine.calmSinceMs + STALE_MS;
    violations.require(!isCalm || errand.mayFailInCalm(failure?.code), 'liveness', () => {
      return `${name}: ${errand.title} failed in calm: ${JSON.stringify(failure)}`;
    });
    this.#askLater(want, 5_000 + random.ratio() * 10_000);
  }

  /** Somebody who cancels is told when nothing of it is there. */
  #checkCancelled(want: Want): void {
    const running = this.#options.running();
    this.#options.world.after(CANCEL_MS, () => {
      if (running && this.#isCurrent(running) && want.state === 'cancelled')
        this.#requireNothingLeft(want.errand);
    });
  }

  #requireNothingLeft(errand: Errand): void {
    const left = this.#options.isShared(errand) ? [] : errand.leftovers();
    this.#options.violations.require(
      left.length === 0,
      'orphans',
      () => `${this.#options.name}: ${left.join(' ')}`,
    );
  }

  #requireDone(trouble: string | undefined, when: string): void {
    this.#options.violations.require(trouble === undefined, 'told the truth', () => `${trouble} ${when}`);
  }

  #allowWhole(errand: Errand): void {
    this.budgets[errand.direction].allowWhole(errand.bytesMax);
    if (isFolderUpload(errand)) this.budgets.download.allowAnswer();
  }

  #allowInterruption(errand: Errand): void {
    this.budgets[errand.direction].allowInterruption(errand);
    if (isFolderUpload(errand)) this.budgets.download.allowAnswer();
  }

  #allowDeath(errand: Errand, death: DeathKind): void {
    if (death === 'kill') this.#allowInterruption(errand);
    else this.#allowWhole(errand);
  }
}

/** The server says what it lacks (CHAT-FOLDER-9). */
function isFolderUpload({ direction, fileBytesMax }: Errand): boolean {
  return direction === 'upload' && fileBytesMax !== undefined;
}

function reopen(want: Want): void {
  want.state = 'idle';
  want.number = undefined;
}
