import { datagramBytesBase } from './limits.ts';

/** Losses of one probe size after which it counts as too large (RFC 8899 MAX_PROBES). */
const probesMax = 3;
/** Search ends when the unknown interval is this small. */
const searchStopBytes = 20;
/** Pause before a settled search is tried again (RFC 8899 PMTU_RAISE_TIMER). */
const raiseIntervalMs = 600_000;
/** Pause after a black hole. */
const blackHoleCooldownMs = 60_000;

/**
 * Datagram packetization layer path MTU discovery (RFC 8899): starts at 1200 bytes of UDP payload, probes the largest size
 * first, then halves the interval. A lost probe is not congestion.
 */
export class MtuDiscovery {
  #current = datagramBytesBase;
  #unreachable: number;
  #ceiling: number;
  #probeBytes: number;
  #probesLost = 0;
  #isProbeInFlight = false;
  #nextSearchAtMs = 0;

  constructor(datagramBytesMax: number) {
    this.#ceiling = Math.max(datagramBytesBase, datagramBytesMax);
    this.#unreachable = this.#ceiling + 1;
    this.#probeBytes = this.#ceiling;
  }

  /** The peer receives no more than this. */
  limitTo(datagramBytesMax: number): void {
    this.#ceiling = Math.max(datagramBytesBase, Math.min(this.#ceiling, datagramBytesMax));
    this.#restartAt(0);
  }

  /** This size has passed before: the first one to probe for. */
  // RUDP-MTU-1
  suggest(datagramBytes: number): void {
    if (datagramBytes > this.#current && datagramBytes <= this.#ceiling) this.#probeBytes = datagramBytes;
  }

  /** UDP payload bytes that are known to pass. */
  get current(): number {
    return this.#current;
  }

  /** The size to probe for now, or undefined. */
  // RUDP-MTU-1
  probeDue(now: number): number | undefined {
    if (this.#isProbeInFlight || now < this.#nextSearchAtMs) return undefined;
    if (this.#isSettled) return undefined;
    return this.#probeBytes;
  }

  get #isSettled(): boolean {
    return this.#unreachable - this.#current <= searchStopBytes || this.#current >= this.#ceiling;
  }

  onProbeSent(): void {
    this.#isProbeInFlight = true;
  }

  onProbeAcknowledged(bytes: number, now: number): void {
    this.#isProbeInFlight = false;
    this.#probesLost = 0;
    this.#current = Math.max(this.#current, bytes);
    this.#chooseNext(now);
  }

  // RUDP-MTU-2
  onProbeLost(now: number): void {
    this.#isProbeInFlight = false;
    this.#probesLost += 1;
    if (this.#probesLost < probesMax) return;
    this.#probesLost = 0;
    this.#unreachable = this.#probeBytes;
    this.#chooseNext(now);
  }

  /** Nothing of the current size gets through any more: back to the base, and search again later. */
  // RUDP-MTU-3
  onBlackHole(now: number): void {
    this.#current = datagramBytesBase;
    this.#restartAt(now + blackHoleCooldownMs);
  }

  /** Another path: nothing is known of it. */
  // RUDP-PATH-9
  restart(): void {
    this.#current = datagramBytesBase;
    this.#isProbeInFlight = false;
    this.#restartAt(0);
  }

  #chooseNext(now: number): void {
    this.#probeBytes = Math.floor((this.#current + this.#unreachable) / 2);
    if (this.#isSettled) this.#restartAt(now + raiseIntervalMs);
  }

  #restartAt(at: number): void {
    this.#unreachable = this.#ceiling + 1;
    this.#probeBytes = this.#ceiling;
    this.#probesLost = 0;
    this.#nextSearchAtMs = at;
  }
}
