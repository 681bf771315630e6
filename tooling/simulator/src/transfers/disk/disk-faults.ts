import type { Random } from '@parley/netsim';
import type { World } from '../../chat/world.ts';
import { systemError } from './system-error.ts';

/** What is smaller could be read wrong in the same way twice, to hash it and to send it, and nobody could tell. */
const FLIPPED_BYTES_MIN = 1_000;

/** What becomes of a folder for a while. */
export type FolderTrouble =
  /** It is not there. */
  | 'missing'
  /** Its disk is not mounted: in its place is a folder of the disk below, where nothing stays. */
  | 'unmounted'
  /** Nothing in it gets another name, or a new one. */
  | 'read-only';

/** How a disk misbehaves. */
export interface DiskFaultsPlan {
  /** Share of writes of which the system takes a part only. */
  readonly shortWriteRatio: number;
  /** Share of calls that fail with `errorCode`. */
  readonly errorRatio: number;
  readonly errorCode: string;
  /** Share of calls after which the process waits; and how long, at most. */
  readonly stallRatio: number;
  readonly stallMsMax: number;
  /** How long reading and syncing take, at most. */
  readonly latencyMsMax: number;
  /** Share of reads in which a bit is another one. */
  readonly flipRatio: number;
  /** Times in which there is no room. */
  readonly fullTimes: readonly { readonly fromMs: number; readonly untilMs: number }[];
  /** What becomes of the first of its folders, and when. */
  readonly folderTroubles: readonly {
    readonly fromMs: number;
    readonly untilMs: number;
    readonly what: FolderTrouble;
  }[];
  /** What the system says where a disk has no hard links; undefined where it has. It never has them, also when it is sound. */
  readonly linkCode: string | undefined;
  /** Share of new names (links and renames) that the system says are on another file system. */
  readonly crossingRatio: number;
}

/** So long after somebody put something elsewhere others may hear that it is there. */
const LOSES_FOR_MS = 120_000;

/** A disk without faults. */
export const SOUND_DISK: DiskFaultsPlan = {
  shortWriteRatio: 0,
  errorRatio: 0,
  errorCode: 'EIO',
  stallRatio: 0,
  stallMsMax: 0,
  latencyMsMax: 0,
  flipRatio: 0,
  fullTimes: [],
  folderTroubles: [],
  linkCode: undefined,
  crossingRatio: 0,
};

/** The faults of a disk, while there are any. */
export class DiskFaults {
  readonly #world: World;
  readonly #random: Random;
  #plan: DiskFaultsPlan;
  readonly #unmounts: DiskFaultsPlan['folderTroubles'];
  #count = 0;
  #flips = 0;

  constructor(world: World, random: Random, plan: DiskFaultsPlan) {
    this.#world = world;
    this.#random = random;
    this.#plan = plan;
    this.#unmounts = plan.folderTroubles.filter(({ what }) => what === 'unmounted');
  }

  /** Errors that were given. */
  get count(): number {
    return this.#count;
  }

  /** Bits that were read as others. */
  get flips(): number {
    return this.#flips;
  }

  /** There is no room at the moment. */
  get isFull(): boolean {
    return this.#plan.fullTimes.some(({ fromMs, untilMs }) => {
      return this.#world.now >= fromMs && this.#world.now < untilMs;
    });
  }

  /** What is the matter with the first folder at the moment. */
  get folderTrouble(): FolderTrouble | undefined {
    const { now } = this.#world;
    return this.#plan.folderTroubles.find(({ fromMs, untilMs }) => now >= fromMs && now < untilMs)?.what;
  }

  /** What was put into the first folder lately may have been put elsewhere, and be gone. */
  get mayHaveLost(): boolean {
    const { now } = this.#world;
    return this.#unmounts.some(({ fromMs, untilMs }) => now >= fromMs && now < untilMs + LOSES_FOR_MS);
  }

  /** Something was tried in the first folder that cannot be done there now. */
  noteFolderTrouble(): void {
    this.#count += 1;
  }

  /** From now on the disk is sound. */
  calm(): void {
    this.#plan = { ...SOUND_DISK, linkCode: this.#plan.linkCode };
  }

  /** How long the process waits for a call, whatever comes of it; it may fail instead. */
  call(what: string): number {
    const { errorRatio, errorCode, stallRatio, stallMsMax } = this.#plan;
    if (this.#random.chance(errorRatio)) throw this.#error(errorCode, what);
    return this.#random.chance(stallRatio) ? this.#random.ratio() * stallMsMax : 0;
  }

  /** A file or a folder is to get another name, or one more: throws when it cannot. */
  name(isLink: boolean): void {
    const { linkCode, crossingRatio } = this.#plan;
    if (this.#random.chance(crossingRatio)) throw this.#error('EXDEV', isLink ? 'link' : 'rename');
    if (isLink && linkCode !== undefined) throw systemError(linkCode, 'link');
  }

  /** How many of `wanted` bytes the disk takes; throws when there is no room for what the file grows by. */
  room(wanted: number, growth: number): number {
    if (growth > 0 && this.isFull) throw this.#error('ENOSPC', 'write');
    if (!this.#random.chance(this.#plan.shortWriteRatio)) return wanted;
    return Math.max(1, Math.floor(wanted * this.#random.ratio()));
  }

  latencyMs(): number {
    return this.#random.ratio() * this.#plan.latencyMsMax;
  }

  /** Changes what was read, now and then. */
  flip(bytes: Uint8Array): void {
    if (bytes.byteLength < FLIPPED_BYTES_MIN || !this.#random.chance(this.#plan.flipRatio)) return;
    const index = this.#random.integer(0, bytes.byteLength - 1);
    bytes[index] = (bytes[index] as number) ^ 1;
    this.#flips += 1;
  }

  #error(code: string, what: string): NodeJS.ErrnoException {
    this.#count += 1;
    return systemError(code, what);
  }
}
