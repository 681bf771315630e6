import type { Random } from '@parley/netsim';
import type { World } from '../../chat/world.ts';

/** How the way of a transfer behaves. */
export interface StreamPathPlan {
  readonly delayMs: number;
  readonly jitterMs: number;
  readonly bytesPerMs: number;
  readonly windowBytes: number;
  readonly segmentBytesMax: number;
  /** Share of segments that are lost once or more, and come late. */
  readonly lossRatio: number;
  /** A connection breaks when so many bytes have arrived on it; undefined where none does. */
  readonly breaksAfterBytes?: number | undefined;
}

/** Carries what one side of a stream has for the other one; shared by both. */
export class StreamPath {
  readonly #world: World;
  readonly #random: Random;
  readonly #plan: StreamPathPlan;
  #cutAtMs = Number.POSITIVE_INFINITY;
  #downUntilMs = 0;

  constructor(world: World, random: Random, plan: StreamPathPlan) {
    this.#world = world;
    this.#random = random;
    this.#plan = plan;
  }

  get windowBytes(): number {
    return this.#plan.windowBytes;
  }

  get segmentBytesMax(): number {
    return this.#plan.segmentBytesMax;
  }

  get bytesPerMs(): number {
    return this.#plan.bytesPerMs;
  }

  /** What leaves from now on is lost. */
  cut(): void {
    this.#cutAtMs = Math.min(this.#cutAtMs, this.#world.now);
  }

  /** Nothing gets through before this time. */
  goDown(untilMs: number): void {
    this.#downUntilMs = Math.max(this.#downUntilMs, untilMs);
  }

  /** Has something arrive that leaves in `afterMs`. */
  carry(arrive: () => void, afterMs = 0): void {
    const { delayMs, jitterMs, lossRatio } = this.#plan;
    let lateMs = this.#random.ratio() * jitterMs;
    while (this.#random.chance(lossRatio)) lateMs += 3 * delayMs + 5;
    const leftAtMs = this.#world.now + afterMs;
    this.#world.after(afterMs + delayMs + lateMs, () => {
      if (leftAtMs <= this.#cutAtMs) this.#arrive(arrive);
    });
  }

  #arrive(arrive: () => void): void {
    const downMs = this.#downUntilMs - this.#world.now;
    if (downMs > 0) this.#world.after(downMs + this.#random.ratio(), () => this.#arrive(arrive));
    else arrive();
  }
}
