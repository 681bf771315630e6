import { DATAGRAM_BYTES_BASE, DATAGRAM_BYTES_UNFRAGMENTED, TRAIN_BYTES_MAX } from '../limits.ts';

/**
 * UDP payloads above an Ethernet's that are tried one after the other: what jumbo frames of 9,000 bytes carry over IPv6, and sizes
 * for a loopback device or a fabric with packets of up to 64 KiB. Behind the last rung stands what both ends can take.
 */
const RUNGS: readonly number[] = [8952, 16_384, 32_768];
/** Losses of one probe size after which it counts as too large (RFC 8899 MAX_PROBES). */
const PROBES_MAX = 3;
/** Search ends when the unknown interval is this small. */
const SEARCH_STOP_BYTES = 20;
/** Pause before a settled search is tried again (RFC 8899 PMTU_RAISE_TIMER). */
const RAISE_INTERVAL_MS = 600_000;
/** Pause after a black hole. */
const BLACK_HOLE_COOLDOWN_MS = 60_000;

/**
 * Datagram packetization layer path MTU discovery (RFC 8899): starts at 1200 bytes of UDP payload, probes the size of an
 * Ethernet first, then halves the interval below it, or climbs the rungs above it. A lost probe is not congestion.
 */
export class MtuDiscovery {
  #current = DATAGRAM_BYTES_BASE;
  #unreachable: number;
  #ceiling: number;
  #probeBytes: number;
  #probesLost = 0;
  #isProbeInFlight = false;
  #nextSearchAtMs = 0;

  constructor(datagramBytesMax: number) {
    this.#ceiling = Math.max(DATAGRAM_BYTES_BASE, Math.min(datagramBytesMax, TRAIN_BYTES_MAX));
    this.#unreachable = this.#ceiling + 1;
    this.#probeBytes = this.#firstProbeBytes;
  }

  /** The peer receives no more than this. */
  limitTo(datagramBytesMax: number): void {
    this.#ceiling = Math.max(DATAGRAM_BYTES_BASE, Math.min(this.#ceiling, datagramBytesMax));
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
    if (this.#current >= DATAGRAM_BYTES_UNFRAGMENTED) return this.#nextRung === undefined;
    return this.#unreachable - this.#current <= SEARCH_STOP_BYTES || this.#current >= this.#ceiling;
  }

  get #firstProbeBytes(): number {
    if (this.#current < DATAGRAM_BYTES_UNFRAGMENTED)
      return Math.min(this.#ceiling, DATAGRAM_BYTES_UNFRAGMENTED);
    return this.#nextRung ?? this.#ceiling;
  }

  /** The next size above an Ethernet's that is not known to be too large. */
  get #nextRung(): number | undefined {
    const next = RUNGS.find((bytes) => bytes > this.#current) ?? this.#ceiling;
    const bytes = Math.min(next, this.#ceiling);
    return bytes > this.#current && bytes < this.#unreachable ? bytes : undefined;
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
    // Where the path carries an Ethernet's packets but no larger ones, three probes on each rung would gain nothing.
    const isRung = this.#probeBytes > DATAGRAM_BYTES_UNFRAGMENTED;
    if (!isRung && this.#probesLost < PROBES_MAX) return;
    this.#probesLost = 0;
    this.#unreachable = this.#probeBytes;
    this.#chooseNext(now);
  }

  /** Nothing of the current size gets through any more: back to the base, and search again later. */
  // RUDP-MTU-3
  onBlackHole(now: number): void {
    this.#current = DATAGRAM_BYTES_BASE;
    this.#restartAt(now + BLACK_HOLE_COOLDOWN_MS);
  }

  /** Another path: nothing is known of it. */
  // RUDP-PATH-9
  restart(): void {
    this.#current = DATAGRAM_BYTES_BASE;
    this.#isProbeInFlight = false;
    this.#restartAt(0);
  }

  #chooseNext(now: number): void {
    if (this.#isSettled) {
      this.#restartAt(now + RAISE_INTERVAL_MS);
      return;
    }
    const isAboveEthernet = this.#current >= DATAGRAM_BYTES_UNFRAGMENTED;
    const halfWay = Math.floor((this.#current + this.#unreachable) / 2);
    this.#probeBytes = isAboveEthernet ? this.#firstProbeBytes : halfWay;
  }

  #restartAt(at: number): void {
    this.#unreachable = this.#ceiling + 1;
    this.#probeBytes = this.#firstProbeBytes;
    this.#probesLost = 0;
    this.#nextSearchAtMs = at;
  }
}
