import { RECEIVED_RANGES_MAX } from '../limits.ts';
import { EcnCounter, EcnMark } from '../recovery/ecn.ts';
import { RangeSet } from '../structures/range-set.ts';
import { ArrivalNotes, type ReceiveTime } from './receive-time.ts';

/** Ack-eliciting packets after which an ACK goes out: every second one while the RTT is being learned, then every tenth. */
const EARLY_PACKETS = 100;
const ACK_EVERY_EARLY = 2;
const ACK_EVERY_LATER = 10;
/** After those, no more often than four times in the longest delay (a quarter of the round trip), and than every 4 ms where that is long. */
const ACKS_PER_DELAY = 4;
const ACK_SPACING_MS_MAX = 4;
/** And after so many bytes, so that large packets do not wait for the clock. */
const ACK_EVERY_BYTES = 65_536;

/** ACKs with every range for a round trip, at most: more would fill the slow way back of a fast path that loses packets. */
const FULL_ACKS_PER_RTT = 64;

/** Remembered ranges above which a PING asks the peer to acknowledge our acknowledgements, so that old ranges can go. */
const TRIM_RANGES = 32;

/**
 * The receive side of the packet number space: which packets arrived, which of them are news to the peer, and when an
 * ACK is due (RFC 9000 §13.2, with the frequency of draft-ietf-quic-ack-frequency's spirit).
 */
export class ReceivedPackets {
  /** Packet numbers that arrived, as half-open ranges. */
  readonly ranges = new RangeSet();
  /** The marks that they came with. */
  readonly ecn = new EcnCounter();
  /** The mark of the packet in progress. */
  arrivalMark: EcnMark = EcnMark.none;
  /** When the packet in progress arrived, if that is known to be before it is read. */
  arrivalMs = Number.POSITIVE_INFINITY;
  readonly #notes = new ArrivalNotes();
  #floor = 0;
  #largest = -1;
  #largestAtMs = 0;
  #packets = 0;
  #elicitingSinceAck = 0;
  #bytesSinceAck = 0;
  #isAckDueNow = false;
  #ackDeadline: number | undefined;
  #ackSentAtMs = Number.NEGATIVE_INFINITY;
  #nextFullAckAtMs = Number.NEGATIVE_INFINITY;

  /** Largest packet number that arrived; −1 before any. */
  get largest(): number {
    return this.#largest;
  }

  /** When a delayed ACK must leave; undefined when none waits. */
  get ackDeadline(): number | undefined {
    return this.#isAckDueNow ? undefined : this.#ackDeadline;
  }

  /** Something arrived since the last ACK: one may ride along with other frames. */
  get hasNews(): boolean {
    return this.#elicitingSinceAck > 0;
  }

  /** So many ranges are remembered that the peer should confirm some. */
  get wantsTrim(): boolean {
    return this.ranges.count > TRIM_RANGES;
  }

  /** True for a packet that was seen before, or is too old to tell. */
  // RUDP-PKT-6
  isDuplicate(packetNumber: number): boolean {
    return packetNumber < this.#floor || (packetNumber <= this.#largest && this.ranges.has(packetNumber));
  }

  /** Notes an authentic packet of `bytes`; `ackDelayMs` is the longest that its acknowledgement may wait. */
  // RUDP-ACK-1
  record(now: number, packetNumber: number, isAckEliciting: boolean, ackDelayMs: number, bytes = 0): void {
    const isInOrder = packetNumber === this.#largest + 1;
    this.ranges.add(packetNumber, packetNumber + 1);
    if (this.ranges.count > RECEIVED_RANGES_MAX) this.#raiseFloor(this.ranges.endAt(0));
    if (packetNumber > this.#largest) {
      this.#largest = packetNumber;
      this.#largestAtMs = Math.min(now, this.arrivalMs);
      if (this.#packets < EARLY_PACKETS) this.#notes.add(packetNumber, this.#largestAtMs);
    }
    this.#packets += 1;
    // RUDP-ECN-2
    this.ecn.count(this.arrivalMark);
    if (!isAckEliciting) return;
    this.#elicitingSinceAck += 1;
    const ackEvery = this.#packets <= EARLY_PACKETS ? ACK_EVERY_EARLY : ACK_EVERY_LATER;
    this.#bytesSinceAck += bytes;
    const isMuch = this.#bytesSinceAck >= ACK_EVERY_BYTES;
    // RUDP-ECN-3
    const isMarked = this.arrivalMark === EcnMark.congestion;
    if (!isInOrder || isMuch || isMarked) this.#isAckDueNow = true;
    this.#ackDeadline ??= now + ackDelayMs;
    if (this.#elicitingSinceAck < ackEvery) return;
    const spacingMs =
      ackEvery === ACK_EVERY_EARLY ? 0 : Math.min(ackDelayMs / ACKS_PER_DELAY, ACK_SPACING_MS_MAX);
    this.#ackDeadline = Math.min(this.#ackDeadline, this.#ackSentAtMs + spacingMs);
  }

  /** True when an ACK must leave now, alone if need be. */
  isAckDue(now: number): boolean {
    return this.#isAckDueNow || (this.#ackDeadline !== undefined && this.#ackDeadline <= now);
  }

  /** Makes the next ACK leave at once. */
  acknowledgeNow(): void {
    this.#isAckDueNow = true;
  }

  /** When packets arrived, if an ACK of now reports several that none before has reported: one alone tells no rate. */
  // RUDP-ACK-6
  get receiveTime(): ReceiveTime | undefined {
    return this.#elicitingSinceAck > 1
      ? this.#notes.receiveTime(this.#largest, this.#largestAtMs)
      : undefined;
  }

  /** How long the largest packet has waited for this acknowledgement. */
  ackDelayMs(now: number): number {
    return now - this.#largestAtMs;
  }

  /** It is time to report every range; in between only the newest are. */
  // RUDP-ACK-3
  isFullAckDue(now: number): boolean {
    return this.#packets <= EARLY_PACKETS || now >= this.#nextFullAckAtMs;
  }

  /** An ACK frame with every range was written. */
  onFullAckSent(now: number, smoothedRttMs: number): void {
    this.#nextFullAckAtMs = now + smoothedRttMs / FULL_ACKS_PER_RTT;
  }

  /** An ACK frame was written. */
  onAckSent(now: number): void {
    this.#ackSentAtMs = now;
    this.#notes.clear();
    this.#elicitingSinceAck = 0;
    this.#bytesSinceAck = 0;
    this.#isAckDueNow = false;
    this.#ackDeadline = undefined;
  }

  /** The peer acknowledged a packet whose ACK frame reached up to `largest`: nothing below needs to be said again (RFC 9000 §13.2.4). */
  // RUDP-ACK-4
  onAckAcknowledged(largest: number): void {
    if (largest >= this.#floor) this.#raiseFloor(Math.min(largest, this.#largest));
  }

  #raiseFloor(floor: number): void {
    this.#floor = Math.max(this.#floor, floor);
    this.ranges.remove(0, this.#floor);
  }
}
