import type { Random } from '@parley/netsim';
import { MemoryLog } from '@parley/server-core/pure';
import type { CommittedLog } from './committed-log.ts';
import type { World } from './world.ts';

type Operations = Parameters<MemoryLog['write']>[0];

/** What came of asking, as the server is told it. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly message: string };

/**
 * The disk: it takes its time, stalls, fails, fills up. What it committed stays, what was under way when the server died is
 * there or not.
 */
export class FaultyStore {
  #log = new MemoryLog();
  readonly #world: World;
  readonly #random: Random;
  #latencyMsMax: number;
  readonly #committed: CommittedLog;
  #stalledUntilMs = 0;
  #failsUntilMs = 0;
  /** Number of the server's life; what an earlier life asked for is not answered. */
  #life = 0;
  #underWay: Operations | undefined;

  constructor(world: World, random: Random, committed: CommittedLog, latencyMsMax: number) {
    this.#world = world;
    this.#random = random;
    this.#committed = committed;
    this.#latencyMsMax = latencyMsMax;
  }

  /** As it is on the disk. */
  get log(): MemoryLog {
    return this.#log;
  }

  stall(untilMs: number): void {
    this.#stalledUntilMs = Math.max(this.#stalledUntilMs, untilMs);
  }

  fail(untilMs: number): void {
    this.#failsUntilMs = Math.max(this.#failsUntilMs, untilMs);
  }

  /** From now on it is as quick as disks are. */
  calm(): void {
    this.#latencyMsMax = Math.min(this.#latencyMsMax, 20);
  }

  /** The process that asked is killed: what it had begun to write is there or not, and nothing is written later. */
  abandon(): void {
    this.#life += 1;
    if (this.#underWay !== undefined && this.#random.chance(0.5)) this.writeNow(this.#underWay);
    this.#underWay = undefined;
  }

  /** Everything is lost: a history that was kept in memory only. */
  forgetAll(): void {
    this.#log = new MemoryLog();
    this.#committed.clear();
  }

  /** Writes at once, as a server does before it listens. */
  writeNow(operations: Operations): void {
    this.#committed.record(operations, this.#log.write(operations));
  }

  write(operations: Operations, tell: (outcome: Outcome<ReturnType<MemoryLog['write']>>) => void): void {
    const life = this.#life;
    this.#underWay = operations;
    this.#later(() => {
      if (life !== this.#life) return;
      this.#underWay = undefined;
      if (this.#world.now < this.#failsUntilMs) {
        this.#world.log(() => `store: refuses ${operations.length} operations`);
        this.#answer(life, () => tell({ ok: false, message: 'no room on the disk' }));
        return;
      }
      const value = this.#log.write(operations);
      this.#committed.record(operations, value);
      this.#world.log(() => `store: commits ${operations.map(({ type }) => type).join(' ')}`);
      this.#answer(life, () => tell({ ok: true, value }));
    });
  }

  /** Does something that lasts, or fails and does nothing; the caller minds that one comes after the other. */
  keep(change: () => void, tell: (outcome: Outcome<undefined>) => void): void {
    const life = this.#life;
    this.#later(() => {
      if (life !== this.#life) return;
      if (this.#world.now < this.#failsUntilMs) {
        this.#answer(life, () => tell({ ok: false, message: 'no room on the disk' }));
        return;
      }
      change();
      this.#answer(life, () => tell({ ok: true, value: undefined }));
    });
  }

  /** Answers a question with what is on the disk at some moment on the way. */
  ask<T>(question: (log: MemoryLog) => T, tell: (outcome: Outcome<T>) => void): void {
    const life = this.#life;
    this.#later(() => {
      if (life !== this.#life) return;
      const isFailing = this.#world.now < this.#failsUntilMs && this.#random.chance(0.5);
      const outcome: Outcome<T> = isFailing
        ? { ok: false, message: 'the disk cannot be read' }
        : { ok: true, value: question(this.#log) };
      this.#answer(life, () => tell(outcome));
    });
  }

  #later(action: () => void): void {
    const stallMs = Math.max(0, this.#stalledUntilMs - this.#world.now);
    this.#world.after(stallMs + this.#random.ratio() * this.#latencyMsMax, action);
  }

  #answer(life: number, tell: () => void): void {
    this.#world.after(this.#random.ratio() * this.#latencyMsMax, () => {
      if (life === this.#life) tell();
    });
  }
}
