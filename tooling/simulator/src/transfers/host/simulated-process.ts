import type { World } from '../../chat/world.ts';
import type { PromisedFiles } from '../disk/promised-files.ts';
import type { VirtualHost } from './virtual-host.ts';

/** How a process ends before its time. */
export type DeathKind =
  /** The process alone: the system keeps what it was given, and closes what was open. */
  | 'kill'
  /** With its machine: what the disk was not told to keep may be gone. */
  | 'power-loss';

/** What a dead process gets for whatever it still tries; nobody hears of it. */
export class ProcessDeath extends Error {
  readonly code = 'EDEAD';

  constructor(name: string) {
    super(`${name} is dead`);
  }
}

/** What a timer of the system is to its process: `unref` is the only thing that ours does with it. */
export interface SimulatedTimer {
  unref(): SimulatedTimer;
}

interface Timer extends SimulatedTimer {
  isOn: boolean;
}

/** What a process is made of. */
export interface SimulatedProcessOptions {
  readonly world: World;
  readonly host: VirtualHost;
  readonly name: string;
  readonly pid: number;
  /** When it dies, and how: at which of its steps, counted from 1. */
  readonly planned: { readonly step: number; readonly death: DeathKind } | undefined;
  /** Told once, when the process dies before its time. */
  readonly onDeath: (death: DeathKind) => void;
}

/**
 * A process: whatever comes to it from outside comes through `enter`, and whatever it asks of its system is a `step`. At any of
 * them it may die: then nothing that it does has an effect any more, and nothing comes back to it.
 */
export class SimulatedProcess {
  readonly name: string;
  readonly pid: number;
  /** The files that it knows, by promises. */
  files: PromisedFiles | undefined;
  readonly #world: World;
  readonly #host: VirtualHost;
  readonly #onDeath: (death: DeathKind) => void;
  readonly #timers = new Set<Timer>();
  /** What the system does when the process is gone, however it went. */
  readonly #endings = new Set<() => void>();
  #planned: SimulatedProcessOptions['planned'];
  #steps = 0;
  #isAlive = true;
  #stalledUntilMs = 0;

  constructor(options: SimulatedProcessOptions) {
    this.#world = options.world;
    this.#host = options.host;
    this.name = options.name;
    this.pid = options.pid;
    this.#onDeath = options.onDeath;
    this.#planned = options.planned;
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  /** Moments so far at which the process could have died. */
  get steps(): number {
    return this.#steps;
  }

  /** Timers that are set. */
  get timerCount(): number {
    return this.#timers.size;
  }

  /** Has `run` called when the process is gone. */
  atEnd(run: () => void): void {
    this.#endings.add(run);
  }

  /** Whatever happens from now on leaves the process alone. */
  spare(): void {
    this.#planned = undefined;
  }

  /** Runs what comes from outside, unless the process is dead; later when it is held up. */
  enter(run: () => void): void {
    if (!this.#isAlive) return;
    const stallMs = this.#stalledUntilMs - this.#world.now;
    if (stallMs > 0) {
      this.#world.after(stallMs, () => this.enter(run));
      return;
    }
    this.#takeStep();
    if (!this.#isAlive) return;
    try {
      this.#host.runAs(this, run);
    } catch (error) {
      // What a process throws that died meanwhile reaches nobody.
      if (this.#isAlive) throw error;
    }
  }

  /** The process asks something of its system; throws when it is dead, or dies of it. */
  step(): void {
    this.#takeStep();
    if (!this.#isAlive) throw new ProcessDeath(this.name);
  }

  /** Something takes its time and the process waits for it, deaf to everything else. */
  stall(ms: number): void {
    this.#stalledUntilMs = Math.max(this.#stalledUntilMs, this.#world.now) + ms;
  }

  /** Calls back later, and again if `repeats`; what `setTimeout` and its like are made of. */
  after(delayMs: number, run: () => void, repeats = false): SimulatedTimer {
    const timer: Timer = { isOn: true, unref: () => timer };
    this.#timers.add(timer);
    const due = (): void => {
      if (!timer.isOn) return;
      if (repeats) this.#world.after(delayMs, due);
      else this.cancel(timer);
      this.enter(run);
    };
    this.#world.after(delayMs, due);
    return timer;
  }

  cancel(timer: unknown): void {
    if (!this.#timers.delete(timer as Timer)) return;
    (timer as Timer).isOn = false;
  }

  /** The process is killed, now, or its machine loses its power. */
  die(death: DeathKind): void {
    if (!this.#isAlive) return;
    this.#world.log(() => `${this.name} (process ${this.pid}) dies at step ${this.#steps}`);
    this.#host.awaits.handleDeath(this);
    this.exit();
    this.#onDeath(death);
  }

  /** The process ends by itself. */
  exit(): void {
    this.#isAlive = false;
    for (const timer of this.#timers) timer.isOn = false;
    this.#timers.clear();
    for (const run of this.#endings) run();
    this.#endings.clear();
  }

  #takeStep(): void {
    this.#steps += 1;
    if (this.#planned !== undefined && this.#steps >= this.#planned.step) this.die(this.#planned.death);
  }
}
