import type { GoodbyeCode } from '@parley/protocol';
import type { Allowance } from '../limits.ts';
import { TokenBucket } from '../token-bucket.ts';
import { AddressBuckets } from './address-buckets.ts';

/** What is bounded before anybody has said `hello`, when a connection costs the server most and its maker least. */
export interface DoorLimits {
  /** Time for TLS: a slow path with lost packets needs a few seconds. `hello` has a time of its own after it. */
  readonly handshakeTimeoutMs: number;
  /** Connections that have not said `hello`: with TLS each holds some 45 KB, 45 MB in all. */
  readonly halfOpenMax: number;
  /** The same from one address: a classroom that comes back at once fits. */
  readonly halfOpenPerAddressMax: number;
  /** Connections in all. A handshake costs the thread that chats about a millisecond: at this rate half of its time. */
  readonly arrivals: Allowance;
  /** Connections from one address: as many as it may have at once, then one every half second. */
  readonly arrivalsPerAddress: Allowance;
  /** Addresses whose arrivals are remembered: some megabytes. The oldest are forgotten first. */
  readonly addressesMax: number;
}

/** The limits of a door that nobody configured. */
export const DEFAULT_DOOR_LIMITS: DoorLimits = {
  handshakeTimeoutMs: 10_000,
  halfOpenMax: 1_000,
  halfOpenPerAddressMax: 100,
  arrivals: { burst: 5_000, perSecond: 1_000 },
  arrivalsPerAddress: { burst: 100, perSecond: 2 },
  addressesMax: 20_000,
};

/** Why somebody does not get in, and when to come back. */
export interface Refusal {
  readonly code: Extract<GoodbyeCode, 'server-full' | 'address-limit' | 'connection-rate'>;
  readonly message: string;
  readonly reconnectAfterMs: number;
}

/** Half-open connections end soon, so it is worth coming back soon. */
const HALF_OPEN_RETRY_MS = 5_000;
/** Nobody is asked to come back sooner: what is refused at the door is refused in crowds. */
const RETRY_MS_MIN = 1_000;

/**
 * Who may come in, before anything was read from them. Addresses are places as `addressKey` sees them (an IPv6 /64 is
 * one); loopback, `undefined`, is not counted.
 */
// CHAT-DOOR-1
export class Door {
  readonly #limits: DoorLimits;
  readonly #arrivals: TokenBucket;
  readonly #arrivalsByAddress: AddressBuckets;
  readonly #halfOpenByAddress = new Map<string, number>();
  #halfOpen = 0;

  constructor(limits: DoorLimits, now: number) {
    this.#limits = limits;
    this.#arrivals = new TokenBucket(limits.arrivals, now);
    const { arrivalsPerAddress: allowance, addressesMax: countMax } = limits;
    this.#arrivalsByAddress = new AddressBuckets({ allowance, countMax });
  }

  /** Connections that came in and have neither said `hello` nor gone. */
  get halfOpenCount(): number {
    return this.#halfOpen;
  }

  /** Addresses that something is remembered of. */
  get addressCount(): number {
    return this.#arrivalsByAddress.count;
  }

  /** Counts somebody in, or says why not. Who came in has to be `settle`d once: after `hello`, or when gone. */
  arrive(address: string | undefined, now: number): Refusal | undefined {
    if (address === undefined) return undefined;
    const refusal = this.#refusalFor(address, now);
    if (refusal !== undefined) return refusal;
    this.#halfOpen += 1;
    this.#halfOpenByAddress.set(address, (this.#halfOpenByAddress.get(address) ?? 0) + 1);
    return undefined;
  }

  /** A connection that came in is half-open no more. */
  settle(address: string | undefined): void {
    if (address === undefined) return;
    this.#halfOpen -= 1;
    const count = (this.#halfOpenByAddress.get(address) ?? 0) - 1;
    if (count > 0) this.#halfOpenByAddress.set(address, count);
    else this.#halfOpenByAddress.delete(address);
  }

  #refusalFor(address: string, now: number): Refusal | undefined {
    const limits = this.#limits;
    // The address is asked first, so that one that knocks all the time takes nothing of what all share.
    const addressWaitMs = this.#arrivalsByAddress.bucketOf(address, now).take(now);
    if (addressWaitMs > 0) return tooFast('connections come too fast from this address', addressWaitMs);
    if ((this.#halfOpenByAddress.get(address) ?? 0) >= limits.halfOpenPerAddressMax) {
      const message = 'too many connections from this address have not said hello';
      return { code: 'address-limit', message, reconnectAfterMs: HALF_OPEN_RETRY_MS };
    }
    if (this.#halfOpen >= limits.halfOpenMax) {
      const message = 'too many connections have not said hello';
      return { code: 'server-full', message, reconnectAfterMs: HALF_OPEN_RETRY_MS };
    }
    const waitMs = this.#arrivals.take(now);
    return waitMs > 0 ? tooFast('connections come too fast', waitMs) : undefined;
  }
}

function tooFast(message: string, waitMs: number): Refusal {
  return { code: 'connection-rate', message, reconnectAfterMs: Math.max(RETRY_MS_MIN, waitMs) };
}
