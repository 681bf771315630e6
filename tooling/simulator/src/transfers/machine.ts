import type { Random } from '@parley/netsim';
import type { World } from '../chat/world.ts';
import { Disk } from './disk/disk.ts';
import { DiskFaults, type DiskFaultsPlan } from './disk/disk-faults.ts';
import { DiskFileSystem } from './disk/disk-file-system.ts';
import { PLACE_BELOW } from './disk/folder-places.ts';
import { type DeathKind, SimulatedProcess } from './host/simulated-process.ts';
import type { VirtualHost } from './host/virtual-host.ts';
import type { PlannedDeath } from './plan/plan.ts';

/** Share of machines on which the next process gets the number of the one that lost its power. */
const SAME_PID_RATIO = 0.3;

/** What a machine is made of. */
export interface MachineOptions {
  readonly world: World;
  readonly host: VirtualHost;
  readonly random: Random;
  readonly name: string;
  /** All that its programs have to do with. */
  readonly folders: readonly string[];
  readonly disk: DiskFaultsPlan;
  /** Of which files bits are read wrong, if of any. */
  readonly flipsIn: (path: string) => boolean;
  readonly deaths: readonly PlannedDeath[];
  /** The machine on which this one's processes run too: they share its disk and its power. */
  readonly sharedWith?: Machine | undefined;
  /** Hears of paths that the programs of this machine have nothing to do with. */
  readonly onTrespass: (path: string) => void;
  /** The process is dead. */
  readonly onDeath: (death: DeathKind) => void;
}

/** A machine with a disk, and one process of ours at a time. */
export class Machine {
  readonly disk: Disk;
  readonly faults: DiskFaults;
  readonly #options: MachineOptions;
  /** All that share the disk. */
  readonly #together: Machine[];
  #process: SimulatedProcess | undefined;
  readonly #all: SimulatedProcess[] = [];
  #fileSystem: DiskFileSystem | undefined;
  #lives = 0;
  #deaths = 0;
  #lastPid: number | undefined;
  #calmSinceMs: number | undefined;

  constructor(options: MachineOptions) {
    const { world, host, random, folders } = options;
    this.#options = options;
    const wallClock = () => host.wallClock();
    const shared = options.sharedWith;
    this.disk =
      shared?.disk ?? new Disk({ random: random.fork('disk'), wallClock, roots: [...folders, PLACE_BELOW] });
    this.faults = shared?.faults ?? new DiskFaults(world, random.fork('disk faults'), options.disk);
    this.#together = shared === undefined ? [] : shared.#together;
    this.#together.push(this);
    for (const { untilMs } of options.disk.folderTroubles)
      world.after(untilMs, () => this.disk.empty(PLACE_BELOW));
  }

  /** The process that lives, if one does. */
  get process(): SimulatedProcess | undefined {
    return this.#process?.isAlive ? this.#process : undefined;
  }

  /** Whether other programs work on the same disk. */
  get isShared(): boolean {
    return this.#together.length > 1;
  }

  /** Processes that died before their time. */
  get deaths(): number {
    return this.#deaths;
  }

  /** Moments at which each of its processes could have died, in the order of their lives. */
  get steps(): readonly number[] {
    return this.#all.map(({ steps }) => steps);
  }

  /** When `calm` was called; undefined before. */
  get calmSinceMs(): number | undefined {
    return this.#calmSinceMs;
  }

  get openPaths(): readonly string[] {
    return this.#fileSystem?.openPaths ?? [];
  }

  /** Starts a process; gives it and what it knows of the disk. */
  boot() {
    const { world, host, name, deaths, random } = this.#options;
    this.#lives += 1;
    const planned =
      this.#calmSinceMs !== undefined ? undefined : deaths.find(({ life }) => life === this.#lives);
    const pid = host.newPid(random.chance(SAME_PID_RATIO) ? this.#lastPid : undefined);
    const process: SimulatedProcess = new SimulatedProcess({
      world,
      host,
      name,
      pid,
      planned,
      onDeath: (death) => this.#handleDeath(death),
    });
    host.add(process);
    this.#process = process;
    this.#all.push(process);
    this.#lastPid = pid;
    const fileSystem = new DiskFileSystem({
      process,
      disk: this.disk,
      faults: this.faults,
      flipsIn: this.#options.flipsIn,
      folder: this.#options.folders[0] ?? '/',
      log: (text) => world.log(text),
      onTouched: (path) => {
        const isOurs = this.#options.folders.some((one) => path === one || path.startsWith(`${one}/`));
        if (!isOurs || path.includes('/..')) this.#options.onTrespass(path);
      },
    });
    this.#fileSystem = fileSystem;
    process.files = fileSystem.promised;
    world.log(() => `${name}: process ${pid} starts, life ${this.#lives}`);
    return { process, fileSystem: fileSystem.functions, life: this.#lives };
  }

  /** The process dies now, or the machine with it. */
  kill(death: DeathKind): void {
    this.process?.die(death);
  }

  /** From now on the disk is sound and nobody dies. */
  calm(): void {
    this.#calmSinceMs = this.#options.world.now;
    this.faults.calm();
    this.process?.spare();
  }

  #handleDeath(death: DeathKind): void {
    this.#deaths += 1;
    if (death === 'kill') {
      this.#options.onDeath(death);
      return;
    }
    this.#options.world.log(() => `${this.#options.name}: the power is gone`);
    const dead = [this, ...this.#together.filter((other) => other !== this && other.process !== undefined)];
    for (const { process } of dead) process?.exit();
    this.disk.losePower();
    for (const machine of dead) machine.#options.onDeath(death);
  }
}
