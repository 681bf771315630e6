import type { CongestionController } from '../../src/core/congestion/controller.ts';
import { Pacer } from '../../src/core/congestion/pacer.ts';
import { DeliveryRateEstimator } from '../../src/core/recovery/delivery-rate.ts';
import { RttEstimator } from '../../src/core/recovery/rtt-estimator.ts';
import { PacketContent, PacketFate, SentPackets } from '../../src/core/recovery/sent-packets.ts';

export const PACKET_BYTES = 1452;
const ACK_DELAY_MS_MAX = 25;

/** What an ACK of the model says: the packets that arrived since the one before, in order. */
export interface ModelAck {
  readonly packetNumbers: readonly number[];
  /** When some of them arrived, as the kernel knows it, the oldest first and the largest last. */
  readonly arrivals: readonly { readonly packetNumber: number; readonly receivedAtMs: number }[];
  readonly ackDelayMs: number;
}

/** A packet as the receiving program reads it. */
export interface ModelPacket {
  readonly packetNumber: number;
  /** When its kernel had it. */
  readonly arrivedAtMs: number;
}

/** The sending end of one flow: the parts under test, joined by the simplest connection that can join them. */
export class ModelSender {
  readonly packets = new SentPackets();
  readonly rtt = new RttEstimator();
  readonly rate = new DeliveryRateEstimator();
  readonly pacer = new Pacer();
  readonly controller: CongestionController;
  bytesInFlight = 0;
  bytesInFlightMax = 0;
  sentBytes = 0;
  lostBytes = 0;
  /** Bytes that the application has written and nobody has sent; Infinity for a bulk transfer. */
  backlogBytes = Number.POSITIVE_INFINITY;
  /** RFC 9002 §6.1.1; more for paths that reorder, as an adaptive sender would have found out. */
  packetThreshold = 3;
  #oldestOutstanding = 0;
  #largestAcked = -1;
  #ptoCount = 0;
  #lastSentAtMs = 0;

  constructor(controller: CongestionController) {
    this.controller = controller;
  }

  /** When to look again whether something may leave: Infinity while only an ACK or the PTO can help. */
  nextSendAt(now: number): number {
    if (this.backlogBytes < PACKET_BYTES) return Number.POSITIVE_INFINITY;
    if (this.bytesInFlight + PACKET_BYTES > this.controller.congestionWindow) return Number.POSITIVE_INFINITY;
    return this.pacer.nextSendAt(now);
  }

  get ptoAt(): number {
    if (this.bytesInFlight === 0) return Number.POSITIVE_INFINITY;
    return this.#lastSentAtMs + this.rtt.ptoBaseMs(ACK_DELAY_MS_MAX) * 2 ** this.#ptoCount;
  }

  /** Sends what window, pacer and application allow. */
  transmit(now: number, send: (packetNumber: number) => void): void {
    if (this.pacer.takeLateness(now)) this.rate.markApplicationLimited(this.bytesInFlight);
    this.#updatePacer(now);
    let available = this.pacer.availableBytes(now);
    let isWindowOpen = this.bytesInFlight + PACKET_BYTES <= this.controller.congestionWindow;
    while (isWindowOpen && available > 0 && this.backlogBytes >= PACKET_BYTES) {
      send(this.#sendPacket(now));
      available -= PACKET_BYTES;
      isWindowOpen = this.bytesInFlight + PACKET_BYTES <= this.controller.congestionWindow;
    }
    if (isWindowOpen && available > 0 && this.backlogBytes < PACKET_BYTES) {
      this.rate.markApplicationLimited(this.bytesInFlight);
      this.controller.onApplicationLimited(now, this.bytesInFlight);
    }
  }

  handlePto(now: number, send: (packetNumber: number) => void): void {
    this.#ptoCount += 1;
    send(this.#sendPacket(now));
    send(this.#sendPacket(now));
  }

  /** `arrivedAtMs` is when the ACK came, and `now` when the program reads it. */
  handleAck(now: number, ack: ModelAck, arrivedAtMs: number): void {
    const { packets, rate, rtt, controller } = this;
    this.#ptoCount = 0;
    const priorBytesInFlight = this.bytesInFlight;
    let ackedBytes = 0;
    rate.startFrame(now, ack.arrivals.at(-1)?.receivedAtMs);
    for (const packetNumber of ack.packetNumbers) {
      const slot = packets.slotOf(packetNumber);
      if (!packets.has(packetNumber) || packets.fate[slot] !== PacketFate.outstanding) continue;
      packets.fate[slot] = PacketFate.acknowledged;
      rate.onPacketAcknowledged(packets, slot);
      ackedBytes += PACKET_BYTES;
      this.bytesInFlight -= PACKET_BYTES;
    }
    const largest = Math.max(...ack.packetNumbers);
    const isNewest = largest > this.#largestAcked;
    this.#largestAcked = Math.max(largest, this.#largestAcked);
    const sentAtMs = (packetNumber: number) => packets.sentAtMs[packets.slotOf(packetNumber)] ?? now;
    const latestRttMs = arrivedAtMs - sentAtMs(largest);
    if (isNewest) rtt.update(latestRttMs, ack.ackDelayMs);
    const lostBytes = this.#detectLosses(now, this.#largestAcked);
    controller.onAcknowledgement({
      now,
      ackedBytes,
      lostBytes,
      lostPackets: lostBytes / PACKET_BYTES,
      largestLostPacketNumber: this.#oldestOutstanding - 1,
      priorBytesInFlight,
      bytesInFlight: this.bytesInFlight,
      largestAckedPacketNumber: this.#largestAcked,
      nextPacketNumber: packets.next,
      latestRttMs: isNewest ? Math.max(latestRttMs - ack.ackDelayMs, rtt.minMs) : undefined,
      arrivals: isNewest
        ? ack.arrivals.map(({ packetNumber, receivedAtMs }) => ({
            packetNumber,
            sentAtMs: sentAtMs(packetNumber),
            receivedAtMs,
            deliveredBytes:
              rate.deliveredBytes -
              PACKET_BYTES * ack.packetNumbers.filter((other) => other > packetNumber).length,
          }))
        : [],
      smoothedRttMs: rtt.smoothedMs,
      minRttMs: rtt.minMs,
      rateSample: rate.takeSample(rtt.minMs),
    });
    this.#updatePacer(now);
  }

  #updatePacer(now: number): void {
    this.pacer.setRate(now, {
      bytesPerSecond: this.controller.pacingRate,
      maxDatagramBytes: PACKET_BYTES,
      minRttMs: this.rtt.minMs,
      trainPacketsMin: this.controller.trainPacketsMin,
      catchUpMs: this.controller.catchUpMs,
    });
  }

  #sendPacket(now: number): number {
    const packetNumber = this.packets.next;
    const slot = this.packets.append(now, PACKET_BYTES, PacketContent.ackEliciting);
    this.bytesInFlight += PACKET_BYTES;
    this.bytesInFlightMax = Math.max(this.bytesInFlightMax, this.bytesInFlight);
    this.sentBytes += PACKET_BYTES;
    this.backlogBytes -= PACKET_BYTES;
    this.#lastSentAtMs = now;
    this.rate.onPacketSent(this.packets, slot, now, this.bytesInFlight);
    this.pacer.onSent(now, PACKET_BYTES);
    this.controller.onPacketSent({
      now,
      packetNumber,
      bytes: PACKET_BYTES,
      bytesInFlight: this.bytesInFlight,
    });
    return packetNumber;
  }

  /** RFC 9002 §6.1 without timers: by packet threshold, and by time threshold when an ACK comes. */
  #detectLosses(now: number, largest: number): number {
    const { packets } = this;
    const overdueMs =
      (this.packetThreshold > 3 ? 2 : 9 / 8) * Math.max(this.rtt.smoothedMs, this.rtt.latestMs, 1);
    let lostBytes = 0;
    let packetNumber = this.#oldestOutstanding;
    for (; packetNumber <= largest; packetNumber += 1) {
      const slot = packets.slotOf(packetNumber);
      if (packets.fate[slot] !== PacketFate.outstanding) continue;
      const isOverdue = (packets.sentAtMs[slot] ?? 0) <= now - overdueMs;
      if (packetNumber + this.packetThreshold > largest && !isOverdue) break;
      packets.fate[slot] = PacketFate.lost;
      this.rate.onPacketLost(packets, slot);
      lostBytes += PACKET_BYTES;
    }
    this.#oldestOutstanding = Math.max(this.#oldestOutstanding, packetNumber);
    packets.forgetBelow(this.#oldestOutstanding);
    this.bytesInFlight -= lostBytes;
    this.lostBytes += lostBytes;
    this.backlogBytes += lostBytes;
    return lostBytes;
  }
}

/** The receiving end: an ACK every tenth packet (every second one at first) or after a quarter of it. */
export class ModelReceiver {
  receivedBytes = 0;
  #pending: number[] = [];
  #pendingSinceMs = Number.POSITIVE_INFINITY;
  #arrivals: { packetNumber: number; receivedAtMs: number }[] = [];
  #largest = -1;
  readonly #ackDelayMs: number;

  constructor(rttMs: number) {
    this.#ackDelayMs = Math.min(rttMs / 4, ACK_DELAY_MS_MAX);
  }

  get ackAt(): number {
    return this.#pendingSinceMs + this.#ackDelayMs;
  }

  /** Takes in a packet; returns an ACK when one is due. */
  handlePacket(now: number, { packetNumber, arrivedAtMs }: ModelPacket): ModelAck | undefined {
    this.receivedBytes += PACKET_BYTES;
    if (packetNumber > this.#largest) {
      this.#largest = packetNumber;
      this.#arrivals.push({ packetNumber, receivedAtMs: arrivedAtMs });
    }
    if (this.#pending.length === 0) this.#pendingSinceMs = now;
    this.#pending.push(packetNumber);
    const threshold = this.receivedBytes < 100 * PACKET_BYTES ? 2 : 10;
    return this.#pending.length >= threshold ? this.takeAck(now) : undefined;
  }

  takeAck(now: number): ModelAck {
    const ack = {
      packetNumbers: this.#pending,
      ackDelayMs: now - (this.#arrivals.at(-1)?.receivedAtMs ?? now),
      arrivals: this.#arrivals,
    };
    this.#pending = [];
    this.#arrivals = [];
    this.#pendingSinceMs = Number.POSITIVE_INFINITY;
    return ack;
  }
}
