import { DeliveryClock } from './delivery-clock.ts';
import { PacketContent, type SentPackets } from './sent-packets.ts';

/** One measurement of how fast the path delivers (draft-ietf-ccwg-bbr §4.1.1, draft-cheng-iccrg-delivery-rate-estimation). */
export interface RateSample {
  /** Bytes per second, the smaller of the rates of sending and of arriving over the interval. */
  readonly deliveryRate: number;
  /** The sender was application-limited when the sampled packet left: a lower bound. */
  readonly isAppLimited: boolean;
  readonly intervalMs: number;
  /** Bytes delivered over the interval. */
  readonly deliveredBytes: number;
  /** Total delivered bytes when the sampled packet left: the round counter compares it. */
  readonly priorDeliveredBytes: number;
  /** Total delivered bytes now. */
  readonly totalDeliveredBytes: number;
  /** Bytes in flight just after the sampled packet left. */
  readonly inFlightBytesAtSend: number;
  /** Bytes lost between the send of the sampled packet and now. */
  readonly lostBytes: number;
}

/**
 * Measures the delivery rate without a timer and without an object per packet: every packet carries a snapshot of the
 * connection's counters in the columns of `SentPackets`, and the newest packet of an ACK frame closes one interval.
 *
 * Calls, in this order: `onPacketSent` once a packet's record is open; for each ACK frame `startFrame`, `onPacketAcknowledged` and
 * `onPacketLost` for each packet, then `takeSample` once. Only packets that count as in flight take part.
 */
export class DeliveryRateEstimator {
  readonly #clock = new DeliveryClock();
  #deliveredBytes = 0;
  #deliveredAtMs = 0;
  #firstSentAtMs = 0;
  #lostBytes = 0;
  /** Samples are application-limited until this many bytes have been delivered; 0 when not limited. */
  #limitedUntilBytes = 0;

  /** Snapshot of the newest packet that the current ACK frame acknowledged. */
  #sampleSentAtMs = -1;
  #sampleFirstSentAtMs = 0;
  #samplePriorDeliveredBytes = 0;
  #samplePriorDeliveredAtMs = 0;
  #sampleInFlightBytes = 0;
  #samplePriorLostBytes = 0;
  #sampleIsAppLimited = false;
  #latestRate = 0;

  get isApplicationLimited(): boolean {
    return this.#limitedUntilBytes > 0;
  }

  /** Rate of the last sample, in bytes per second; 0 before there is one. */
  get latestRate(): number {
    return this.#latestRate;
  }

  /** Total bytes delivered on this connection. */
  get deliveredBytes(): number {
    return this.#deliveredBytes;
  }

  /** Fills the packet's columns. `bytesInFlight` includes this packet. */
  // RUDP-RATE-1
  onPacketSent(packets: SentPackets, slot: number, now: number, bytesInFlight: number): void {
    const bytes = packets.bytes[slot] ?? 0;
    if (bytesInFlight <= bytes) {
      this.#firstSentAtMs = now;
      this.#deliveredAtMs = this.#clock.estimate(now);
    }
    packets.deliveredBytes[slot] = this.#deliveredBytes;
    packets.deliveredAtMs[slot] = this.#deliveredAtMs;
    packets.firstSentAtMs[slot] = this.#firstSentAtMs;
    packets.inFlightBytes[slot] = bytesInFlight;
    packets.lostBytes[slot] = this.#lostBytes;
    if (this.isApplicationLimited) {
      packets.contents[slot] = (packets.contents[slot] ?? 0) | PacketContent.applicationLimited;
    }
  }

  /** An ACK frame is read at `now`; its largest packet is news and arrived at `receivedAtMs` of the receiver's clock, if that is known. */
  startFrame(now: number, receivedAtMs: number | undefined): void {
    this.#clock.startFrame(now, receivedAtMs);
  }

  /** One packet was acknowledged for the first time (also when it had been declared lost before). */
  // RUDP-RATE-2
  onPacketAcknowledged(packets: SentPackets, slot: number): void {
    const sentAtMs = packets.sentAtMs[slot] ?? 0;
    this.#deliveredBytes += packets.bytes[slot] ?? 0;
    this.#deliveredAtMs = this.#clock.deliveredAtMs;
    const priorDeliveredBytes = packets.deliveredBytes[slot] ?? 0;
    if (!this.#isNewer(sentAtMs, priorDeliveredBytes)) return;
    this.#sampleSentAtMs = sentAtMs;
    this.#sampleFirstSentAtMs = packets.firstSentAtMs[slot] ?? 0;
    this.#samplePriorDeliveredBytes = priorDeliveredBytes;
    this.#samplePriorDeliveredAtMs = packets.deliveredAtMs[slot] ?? 0;
    this.#sampleInFlightBytes = packets.inFlightBytes[slot] ?? 0;
    this.#samplePriorLostBytes = packets.lostBytes[slot] ?? 0;
    this.#sampleIsAppLimited = ((packets.contents[slot] ?? 0) & PacketContent.applicationLimited) !== 0;
  }

  onPacketLost(packets: SentPackets, slot: number): void {
    this.#lostBytes += packets.bytes[slot] ?? 0;
  }

  /**
   * Closes the ACK frame and returns its measurement; undefined when the frame acknowledged nothing new or when the interval
   * is shorter than `minRttMs` (compressed acknowledgements would pass for a rate that no path has).
   */
  // RUDP-RATE-3
  takeSample(minRttMs: number): RateSample | undefined {
    if (this.#limitedUntilBytes > 0 && this.#deliveredBytes > this.#limitedUntilBytes)
      this.#limitedUntilBytes = 0;
    if (this.#sampleSentAtMs < 0) return undefined;
    const sendElapsedMs = this.#sampleSentAtMs - this.#sampleFirstSentAtMs;
    const deliveryElapsedMs = this.#deliveredAtMs - this.#samplePriorDeliveredAtMs;
    this.#firstSentAtMs = this.#sampleSentAtMs;
    this.#sampleSentAtMs = -1;
    const intervalMs = Math.max(sendElapsedMs, deliveryElapsedMs);
    if (intervalMs <= 0 || intervalMs < minRttMs) return undefined;
    const deliveredBytes = this.#deliveredBytes - this.#samplePriorDeliveredBytes;
    this.#latestRate = (deliveredBytes * 1000) / intervalMs;
    return {
      deliveryRate: this.#latestRate,
      isAppLimited: this.#sampleIsAppLimited,
      intervalMs,
      deliveredBytes,
      priorDeliveredBytes: this.#samplePriorDeliveredBytes,
      totalDeliveredBytes: this.#deliveredBytes,
      inFlightBytesAtSend: this.#sampleInFlightBytes,
      lostBytes: this.#lostBytes - this.#samplePriorLostBytes,
    };
  }

  /**
   * The sender has nothing to send although window and pacer would let it. Call it each time that this is noticed: samples
   * stay marked until everything in flight now has been delivered.
   */
  // RUDP-RATE-4
  markApplicationLimited(bytesInFlight: number): void {
    this.#limitedUntilBytes = Math.max(1, this.#deliveredBytes + bytesInFlight);
  }

  #isNewer(sentAtMs: number, priorDeliveredBytes: number): boolean {
    if (this.#sampleSentAtMs < 0) return true;
    if (priorDeliveredBytes !== this.#samplePriorDeliveredBytes) {
      return priorDeliveredBytes > this.#samplePriorDeliveredBytes;
    }
    return sentAtMs >= this.#sampleSentAtMs;
  }
}
