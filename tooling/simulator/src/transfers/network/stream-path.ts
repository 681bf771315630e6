import type { Random } from '@parley/netsim';
import type { World } from '../../chat/world.ts';

/** One of the two ends of a stream. */
export type StreamEnd = 'client' | 'server';

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
  readonly #cutAtMs = { client: Number.POSITIVE_INFINITY, server: Number.POSITIVE_INFINITY };
  readonly #downUntilMs = { client: 0, server: 0 };

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

  /** What leaves from now on to one end is lost. */
  cut(to: StreamEnd): void {
    this.#cutAtMs[to] = Math.min(this.#cutAtMs[to], this.#world.now);
  }

  /** Nothing gets through to one end before this time. */
  goDown(to: StreamEnd, untilMs: number): void {
    this.#downUntilMs[to] = Math.max(this.#downUntilMs[to], untilMs);
  }

  /** Has something arrive that leaves in `afterMs`. */
  carry(to: StreamEnd, arrive: () => void, afterMs = 0): void {
    const { delayMs, jitterMs, lossRatio } = this.#plan;
    let lateMs = this.#random.ratio() * jitterMs;
    while (this.#random.chance(lossRatio)) lateMs += 3 * delayMs + 5;
    const leftAtMs = this.#world.now + afterMs;
    this.#world.after(afterMs + delayMs + lateMs, () => {
      if (leftAtMs <= this.#cutAtMs[to]) this.#arrive(to, arrive);
    });
  }

  #arrive(to: StreamEnd, arrive: () => void): void {
    const downMs = this.#downUntilMs[to] - this.#world.now;
    if (downMs > 0) this.#world.after(downMs + this.#random.ratio(), () => this.#arrive(to, arrive));
    else arrive();
  }
}
