import { invariant } from '../structures/invariant.ts';

/** Bytes per second that flows of one direction may move; `undefined`: as many as they get. */
export interface RateLimits {
  /** All flows together. */
  readonly bytesPerSecondMax?: number | undefined;
  /** All flows of one owner. */
  readonly bytesPerSecondPerOwnerMax?: number | undefined;
}

/** A turn lasts about so long at the limit: a flow that is a little late for its next turn does not miss it. */
const TURN_MS = 10;
/** Less would cost more in turns than in bytes. */
const TURN_BYTES_MIN = 4_096;
/** What may be saved up while nobody takes it: a late timer must not cost speed, and a rest must not become a burst. */
const SAVED_MS = 100;
/** Turns that an owner may be behind the others and still catch up: a busy machine was late with it, it was not at rest. */
const LATE_TURNS_MAX = 10;
/** After so long without a turn an owner is at rest. */
const REST_MS = 1_000;
/** A wait that rounds to none would be asked for again and again without anything having come in. */
const WAIT_MS_MIN = 0.001;

/** What a rate allows at a time. It may be overdrawn by one turn, which is then waited for. */
class Budget {
  readonly #bytesPerMs: number;
  readonly #savedBytesMax: number;
  readonly #startBytes: number;
  #bytes: number;
  #refilledAt: number;

  constructor(bytesPerSecond: number, turnBytes: number, now: number) {
    this.#bytesPerMs = bytesPerSecond / 1000;
    this.#savedBytesMax = Math.max(turnBytes, this.#bytesPerMs * SAVED_MS);
    this.#startBytes = turnBytes;
    this.#bytes = turnBytes;
    this.#refilledAt = now;
  }

  /** Negative gives back. */
  take(byteLength: number): void {
    this.#bytes = Math.min(this.#savedBytesMax, this.#bytes - byteLength);
  }

  /** Milliseconds until something may be taken. */
  waitMs(now: number): number {
    this.#refill(now);
    return this.#bytes > 0 ? 0 : Math.max(WAIT_MS_MIN, -this.#bytes / this.#bytesPerMs);
  }

  /** A new one would allow no more. */
  isAsNew(now: number): boolean {
    this.#refill(now);
    return this.#bytes >= this.#startBytes;
  }

  #refill(now: number): void {
    this.take(-Math.max(0, now - this.#refilledAt) * this.#bytesPerMs);
    this.#refilledAt = now;
  }
}

/** What a flow may move. */
export interface Turn<Flow> {
  readonly flow: Flow;
  readonly byteLength: number;
}

/** An owner with flows that wait for their turn, or whose share is remembered. */
interface Share<Flow> {
  readonly waiting: Flow[];
  readonly budget: Budget | undefined;
  /** When a flow asked last, or had a turn. */
  activeAt: number;
  /** Bytes given, on a scale on which all who take part stay close together. */
  givenBytes: number;
}

/**
 * Who may move the next bytes, where a rate is shared. Each owner gets as much as every other who has something to move,
 * however many flows that is; those of one owner take turns. What one does not take the others get. This is start-time fair
 * queueing (Goyal, Vin, Cheng 1996) behind token buckets. `ask`, `withdraw` and `pollTurn` mutate; `deadline` says when to
 * poll again. Times are milliseconds on any monotonic clock.
 */
export class FairShares<Flow> {
  /** Bytes that one turn allows, or a multiple of them. */
  readonly turnBytes: number;
  readonly #perOwnerMax: number | undefined;
  readonly #budget: Budget | undefined;
  readonly #shares = new Map<string, Share<Flow>>();
  /** How far the owner is who got a turn last: the virtual time. */
  #reachedBytes = 0;

  constructor({ bytesPerSecondMax, bytesPerSecondPerOwnerMax }: RateLimits, now: number) {
    const bytesPerSecond = Math.min(
      bytesPerSecondMax ?? Number.POSITIVE_INFINITY,
      bytesPerSecondPerOwnerMax ?? Number.POSITIVE_INFINITY,
    );
    invariant(bytesPerSecond > 0, 'a rate is more than nothing');
    this.turnBytes = Math.max(TURN_BYTES_MIN, Math.round((bytesPerSecond * TURN_MS) / 1000));
    this.#perOwnerMax = bytesPerSecondPerOwnerMax;
    this.#budget = this.#budgetFor(bytesPerSecondMax, now);
  }

  /** Owners of whom something is known; none after a while in which nobody asked. */
  get ownerCount(): number {
    return this.#shares.size;
  }

  /** A flow wants a turn. It asks again only when it had that. */
  ask(owner: string, flow: Flow, now: number): void {
    let share = this.#shares.get(owner);
    if (share === undefined) {
      const budget = this.#budgetFor(this.#perOwnerMax, now);
      // Who is new comes after the turn that is under way, with no claim before: new names would push the others aside.
      const givenBytes = this.#reachedBytes + this.turnBytes;
      share = { waiting: [], budget, activeAt: now, givenBytes };
      this.#shares.set(owner, share);
    }
    if (share.waiting.length === 0) share.givenBytes = Math.max(share.givenBytes, this.#forgivenBytes);
    share.activeAt = now;
    share.waiting.push(flow);
  }

  /** A flow is over: it wants no turn any more, and has not moved so many bytes of its last one. */
  withdraw(owner: string, flow: Flow, unusedBytes: number): void {
    const share = this.#shares.get(owner);
    if (share === undefined) return;
    const index = share.waiting.indexOf(flow);
    if (index >= 0) share.waiting.splice(index, 1);
    share.givenBytes -= unusedBytes;
    share.budget?.take(-unusedBytes);
    this.#budget?.take(-unusedBytes);
  }

  /** Who may move bytes now, and how many; `undefined` when nobody may. */
  pollTurn(now: number): Turn<Flow> | undefined {
    const next = this.#nextOwner(now);
    const flow = next?.waiting.shift();
    if (next === undefined || flow === undefined) return undefined;
    let byteLength = 0;
    do {
      this.#budget?.take(this.turnBytes);
      next.budget?.take(this.turnBytes);
      this.#reachedBytes = Math.max(this.#reachedBytes, next.givenBytes);
      next.givenBytes += this.turnBytes;
      byteLength += this.turnBytes;
    } while (this.#isBehind(next, now));
    next.activeAt = now;
    return { flow, byteLength };
  }

  /** When the next turn is possible; `undefined` while nobody waits. What need not be remembered of owners at rest is dropped. */
  deadline(now: number): number | undefined {
    let ownersWaitMs: number | undefined;
    for (const { waiting, budget } of this.#shares.values()) {
      if (waiting.length === 0) continue;
      ownersWaitMs = Math.min(ownersWaitMs ?? Number.POSITIVE_INFINITY, budget?.waitMs(now) ?? 0);
    }
    this.#forget(now);
    if (ownersWaitMs === undefined) return undefined;
    return now + Math.max(ownersWaitMs, this.#budget?.waitMs(now) ?? 0);
  }

  /** Who has got least of those that wait and may move something. */
  #nextOwner(now: number): Share<Flow> | undefined {
    if ((this.#budget?.waitMs(now) ?? 0) > 0) return undefined;
    let next: Share<Flow> | undefined;
    for (const share of this.#shares.values()) {
      if (share.waiting.length === 0 || (share.budget?.waitMs(now) ?? 0) > 0) continue;
      if (next === undefined || share.givenBytes < next.givenBytes) next = share;
    }
    return next;
  }

  /**
   * Whether an owner would have the next turn as well, if it had another flow that waits. A thread that is late has many turns to give at
   * once; without this they would go to whoever has many flows.
   */
  #isBehind(owner: Share<Flow>, now: number): boolean {
    if (owner.waiting.length > 0 || (owner.budget?.waitMs(now) ?? 0) > 0) return false;
    const next = this.#nextOwner(now);
    return next !== undefined && owner.givenBytes < next.givenBytes;
  }

  /** An owner who were forgotten with a debt could come back without it. */
  #forget(now: number): void {
    for (const [owner, { waiting, budget, activeAt }] of this.#shares) {
      if (waiting.length > 0 || now - activeAt < REST_MS || budget?.isAsNew(now) === false) continue;
      this.#shares.delete(owner);
    }
  }

  get #forgivenBytes(): number {
    return this.#reachedBytes - LATE_TURNS_MAX * this.turnBytes;
  }

  #budgetFor(bytesPerSecond: number | undefined, now: number): Budget | undefined {
    return bytesPerSecond === undefined ? undefined : new Budget(bytesPerSecond, this.turnBytes, now);
  }
}
