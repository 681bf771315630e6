import type { PacketArrival } from '../../acknowledgement/ack-timing.ts';

/** Arrivals that are remembered: with one for ten packets, some hundred packets. */
const ARRIVALS_HELD = 32;
/** Packets of a burst that have to be spread out before their spacing tells a rate. */
const TRAIN_PACKETS_MIN = 6;
/** Spacing over less time than this is the clock's doing, or the event loop's. */
const TRAIN_MS_MIN = 0.2;
/** A burst left in less than this part of the time that its arrival took: the path has set the spacing, not the sender. */
const BURST_PART_MAX = 0.5;
/** Bursts of which the median counts: one that met a stall must not decide. */
const TRAINS_HELD = 5;
/** Arrivals in a row that have to be late before a queue is believed. */
const QUEUE_ARRIVALS_MIN = 8;
/** Delay that shows a queue: an eighth of the round trip, within these bounds (RFC 9406). */
const QUEUE_MS_MIN = 4;
const QUEUE_MS_MAX = 16;
const QUEUE_RTT_PART = 1 / 8;
/** The packets that have waited left over at least this part of a round trip, up to this long. */
const QUEUE_SPAN_PART = 1 / 4;
const QUEUE_SPAN_MS_MAX = 50;
/** Over at least this part of the time in which they left: a link lets packets go one by one, a reader that has stalled finds them together. */
const QUEUE_SPREAD_MIN = 0.5;

/**
 * What arrival times at the other end say about the way there: how far apart the slowest link lets packets go that left
 * together, and how long the queue in front of it has become. The way back, on which acknowledgements crowd, has no part in it.
 */
export class ArrivalTrain {
  readonly #arrivals: PacketArrival[] = [];
  readonly #dispersions: number[] = [];
  #delayMsMin = Number.POSITIVE_INFINITY;
  /** The first of the packets in a row that have waited. */
  #firstQueued: PacketArrival | undefined;
  #queuedCount = 0;

  /** Upper estimate of the rate of the slowest link, in bytes per second; undefined before a burst has shown one. */
  get capacity(): number | undefined {
    const sorted = this.#dispersions.toSorted((left, right) => left - right);
    return sorted[(sorted.length - 1) >> 1];
  }

  /**
   * Packets have waited, one after the other, for long enough: a queue grows or stands. A machine that stalls delays packets too, but
   * only those that were sent during its stall, and those arrive together. `minRttMs` is the round trip of the empty path.
   */
  isQueued(minRttMs: number): boolean {
    const first = this.#firstQueued;
    const last = this.#arrivals.at(-1);
    if (first === undefined || last === undefined || this.#queuedCount < QUEUE_ARRIVALS_MIN) return false;
    const sentMs = last.sentAtMs - first.sentAtMs;
    const receivedMs = last.receivedAtMs - first.receivedAtMs;
    return (
      sentMs >= Math.min(minRttMs * QUEUE_SPAN_PART, QUEUE_SPAN_MS_MAX) &&
      receivedMs >= QUEUE_SPREAD_MIN * sentMs
    );
  }

  /** Bytes per second that came out of the queue since there is one; 0 when nothing is known. */
  get queuedRate(): number {
    const last = this.#arrivals.at(-1);
    return this.#firstQueued === undefined || last === undefined ? 0 : rateBetween(this.#firstQueued, last);
  }

  /** Takes in when a packet arrived. Late acknowledgements of older ones say nothing new, and times that run backwards are lies. */
  update(arrival: PacketArrival, minRttMs: number): void {
    const last = this.#arrivals.at(-1);
    if (last !== undefined && !isAfter(arrival, last)) return;
    this.#arrivals.push(arrival);
    if (this.#arrivals.length > ARRIVALS_HELD) this.#arrivals.shift();
    this.#followQueue(arrival, minRttMs);
    this.#measureBurst(arrival);
  }

  /** The slower half of a burst counts: packets that a stalled machine has read together look faster than they came. */
  #measureBurst(last: PacketArrival): void {
    const index = this.#arrivals.findLastIndex(
      ({ packetNumber, receivedAtMs }) =>
        last.packetNumber - packetNumber >= TRAIN_PACKETS_MIN &&
        last.receivedAtMs - receivedAtMs >= TRAIN_MS_MIN,
    );
    const first = this.#arrivals[index];
    if (first === undefined) return;
    const receivedMs = last.receivedAtMs - first.receivedAtMs;
    if (last.sentAtMs - first.sentAtMs > BURST_PART_MAX * receivedMs) return;
    const middle = this.#arrivals[(index + this.#arrivals.length) >> 1] as PacketArrival;
    const rates = [rateBetween(first, last), rateBetween(first, middle), rateBetween(middle, last)];
    this.#dispersions.push(Math.min(...rates.filter((rate) => rate > 0)));
    if (this.#dispersions.length > TRAINS_HELD) this.#dispersions.shift();
  }

  #followQueue(arrival: PacketArrival, minRttMs: number): void {
    const delayMs = arrival.receivedAtMs - arrival.sentAtMs;
    this.#delayMsMin = Math.min(this.#delayMsMin, delayMs);
    const thresholdMs = Math.max(QUEUE_MS_MIN, Math.min(minRttMs * QUEUE_RTT_PART, QUEUE_MS_MAX));
    const isQueued = delayMs - this.#delayMsMin > thresholdMs;
    this.#firstQueued = isQueued ? (this.#firstQueued ?? arrival) : undefined;
    this.#queuedCount = isQueued ? this.#queuedCount + 1 : 0;
  }
}

function isAfter(arrival: PacketArrival, last: PacketArrival): boolean {
  return (
    arrival.packetNumber > last.packetNumber &&
    arrival.receivedAtMs >= last.receivedAtMs &&
    arrival.deliveredBytes > last.deliveredBytes
  );
}

/** Bytes per second that arrived after one packet, up to another; 0 when the times tell nothing. */
function rateBetween(first: PacketArrival, last: PacketArrival): number {
  const ms = last.receivedAtMs - first.receivedAtMs;
  return ms <= 0 ? 0 : ((last.deliveredBytes - first.deliveredBytes) * 1000) / ms;
}
