import type { Address, Random } from '@parley/netsim';
import type { ManglingPlan } from '../plan/plan.ts';

/** What arrives at one side. */
export interface Arrival {
  readonly remote: Address;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The size of the datagrams that were joined, 0 when the system does not tell it; undefined for a single one. */
  readonly segmentBytes?: number;
}

/** Old datagrams that are kept to be used again. */
const KEPT_MAX = 64;

/** Somebody on the path who keeps copies: he replays, cuts, mixes and joins what arrives at one side. */
export class Mangler {
  readonly #plan: ManglingPlan;
  readonly #random: Random;
  readonly #isIdle: boolean;
  #isStopped = false;
  readonly #kept: Arrival[] = [];
  #seen = 0;

  constructor(plan: ManglingPlan, random: Random) {
    this.#plan = plan;
    this.#random = random;
    this.#isIdle = plan.replayRatio + plan.truncateRatio + plan.spliceRatio + plan.coalesceRatio === 0;
  }

  stop(): void {
    this.#isStopped = true;
  }

  /** What really arrives in place of a datagram. */
  arrivals(remote: Address, bytes: Uint8Array<ArrayBuffer>): Arrival[] {
    if (this.#isIdle || this.#isStopped) return [{ remote, bytes }];
    const random = this.#random;
    const arrivals: Arrival[] = [{ remote, ...this.#mangle(bytes) }];
    const replayed = this.#kept.length > 0 && random.chance(this.#plan.replayRatio);
    if (replayed) {
      const old = random.pick(this.#kept);
      const isElsewhere = random.chance(this.#plan.replayFromElsewhereRatio);
      const source = isElsewhere ? { host: '203.0.113.7', port: random.integer(1024, 65_535) } : old.remote;
      arrivals.push({ remote: source, bytes: old.bytes.slice() });
    }
    this.#keep({ remote, bytes: bytes.slice() });
    return arrivals;
  }

  #mangle(bytes: Uint8Array<ArrayBuffer>): Omit<Arrival, 'remote'> {
    const random = this.#random;
    const { truncateRatio, spliceRatio, coalesceRatio } = this.#plan;
    if (random.chance(truncateRatio)) return { bytes: bytes.slice(0, random.integer(0, bytes.length - 1)) };
    if (this.#kept.length === 0) return { bytes };
    const other = random.pick(this.#kept).bytes;
    if (random.chance(spliceRatio)) {
      const cut = random.integer(0, bytes.length);
      return { bytes: joined(bytes.subarray(0, cut), other.subarray(Math.min(cut, other.length))) };
    }
    if (!random.chance(coalesceRatio)) return { bytes };
    // As receive offload does it: all but the last have one size, and the last is no longer.
    const [first, last] = other.length < bytes.length ? [bytes, other] : [other, bytes];
    return { bytes: joined(first, last), segmentBytes: random.chance(0.5) ? first.length : 0 };
  }

  /** The first ones, which hold the handshake, and a sample of all later ones. */
  #keep(arrival: Arrival): void {
    this.#seen += 1;
    if (this.#kept.length < KEPT_MAX) this.#kept.push(arrival);
    else if (this.#random.chance(KEPT_MAX / this.#seen)) {
      this.#kept[this.#random.integer(8, KEPT_MAX - 1)] = arrival;
    }
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}
