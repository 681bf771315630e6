import { AckTiming, NO_ARRIVALS } from '../acknowledgement/ack-timing.ts';
import { NumberSkipper } from '../acknowledgement/number-skipper.ts';
import type { AcknowledgementEvent, CongestionController } from '../congestion/controller.ts';
import type { AckFrame } from '../frames/ack-frame.ts';
import type { ConnectionObserver } from '../observer.ts';
import { ProtocolViolationError, ResetCode } from '../states/connection-end.ts';
import { RangeSet } from '../structures/range-set.ts';
import { DeliveryRateEstimator } from './delivery-rate.ts';
import { ReorderingTolerance } from './reordering-tolerance.ts';
import type { RttEstimator } from './rtt-estimator.ts';
import { PacketContent, PacketFate, SentPackets } from './sent-packets.ts';

/** RFC 9002 §6.1.2 kGranularity. */
const GRANULARITY_MS = 1;
/** RFC 9002 §7.6.1 kPersistentCongestionThreshold. */
const PERSISTENT_CONGESTION_PERIODS = 3;
/** Largest exponent of the probe timeout's backoff, and the wait beyond which it does not grow: two packets in two seconds congest nothing. */
const BACKOFF_EXPONENT_MAX = 10;
const PROBE_TIMEOUT_MS_MAX = 2000;

/** Learns what became of each packet; slots index the columns of `SentPackets`. */
export interface PacketOutcomeHandler {
  handlePacketAcknowledged(slot: number): void;
  handlePacketLost(slot: number): void;
}

/** Counters for statistics. */
export interface LossCounters {
  packetsAcknowledged: number;
  packetsLost: number;
  packetsSpurious: number;
  probeTimeouts: number;
}

/**
 * The sending side's memory of packets: what is in flight, what an ACK says about it, what is lost (RFC 9002 §6), and when
 * to probe. It feeds the RTT estimator, the delivery-rate estimator and the congestion controller.
 */
export class LossDetection {
  readonly packets = new SentPackets();
  readonly rate = new DeliveryRateEstimator();
  readonly counters: LossCounters = {
    packetsAcknowledged: 0,
    packetsLost: 0,
    packetsSpurious: 0,
    probeTimeouts: 0,
  };
  readonly #rtt: RttEstimator;
  readonly #timing: AckTiming;
  readonly #controller: CongestionController;
  readonly #outcomes: PacketOutcomeHandler;
  /** Packet numbers at or above the oldest record that the peer has acknowledged. */
  readonly #acknowledged = new RangeSet();
  readonly #tolerance = new ReorderingTolerance();
  readonly #numbers: NumberSkipper;
  readonly #observer: ConnectionObserver | undefined;
  #peerAckDelayMsMax = 25;
  #bytesInFlight = 0;
  #packetsOutstanding = 0;
  #largestAcked = -1;
  /** The first packet that went the present path; what went before says nothing about it. */
  #pathStart = 0;
  #firstOutstanding = 0;
  #lastElicitingSentAtMs = 0;
  #lossTime: number | undefined;
  #probeTimeoutCount = 0;

  // What the frame in progress has found so far.
  #now = 0;
  #frameAckedBytes = 0;
  #frameSpuriousBytes = 0;
  #frameSmallestSpurious = Number.POSITIVE_INFINITY;
  #frameNewestAcked = -1;
  #lostBytes = 0;
  #lostPackets = 0;
  #largestLost = -1;

  /** `random` is uniform in [0, 1). */
  constructor(parts: {
    rtt: RttEstimator;
    controller: CongestionController;
    outcomes: PacketOutcomeHandler;
    random: () => number;
    observer?: ConnectionObserver | undefined;
  }) {
    this.#numbers = new NumberSkipper(this.packets, parts.random);
    this.#observer = parts.observer;
    this.#rtt = parts.rtt;
    this.#timing = new AckTiming(this.packets, parts.rtt);
    this.#controller = parts.controller;
    this.#outcomes = parts.outcomes;
  }

  /** Sum of the sizes of ack-eliciting packets that are neither acknowledged nor lost. */
  get bytesInFlight(): number {
    return this.#bytesInFlight;
  }

  /** Largest packet number that the peer has acknowledged; −1 before any. */
  get largestAcknowledged(): number {
    return this.#largestAcked;
  }

  /** More than one packet in a hundred was lost so far. */
  get isLossy(): boolean {
    return this.counters.packetsLost > this.packets.next / 100;
  }

  /** Consecutive probe timeouts without an acknowledgement. */
  get probeTimeoutCount(): number {
    return this.#probeTimeoutCount;
  }

  /** The largest delay that the peer said it uses, from its transport parameters. */
  set peerAckDelayMsMax(value: number) {
    this.#peerAckDelayMsMax = value;
  }

  /** Current probe timeout without backoff. */
  get probeTimeoutMs(): number {
    return this.#rtt.ptoBaseMs(this.#peerAckDelayMsMax);
  }

  /** When `handleDeadline` must be called; undefined while nothing is in flight. */
  // RUDP-LOSS-4
  get deadline(): number | undefined {
    if (this.#lossTime !== undefined) return this.#lossTime;
    if (this.#packetsOutstanding === 0) return undefined;
    const { probeTimeoutMs } = this;
    const backoff = 2 ** Math.min(this.#probeTimeoutCount, BACKOFF_EXPONENT_MAX);
    const waitMsMax = Math.max(PROBE_TIMEOUT_MS_MAX, 2 * probeTimeoutMs);
    return this.#lastElicitingSentAtMs + Math.min(probeTimeoutMs * backoff, waitMsMax);
  }

  /** The number of the packet that is being built. */
  nextPacketNumber(now: number): number {
    return this.#numbers.next(now);
  }

  /**
   * Packets go another path from now on. Those that are on their way may still be acknowledged or lost, but neither
   * congestion controller nor RTT hears of them, and they fill no window (RFC 9000 §9.4).
   */
  // RUDP-PATH-9
  startPath(): void {
    const { packets } = this;
    this.#pathStart = packets.next;
    this.#bytesInFlight = 0;
    this.#tolerance.restart();
    this.#probeTimeoutCount = 0;
    for (let number = this.#firstOutstanding; number < packets.next; number += 1) {
      const slot = packets.slotOf(number);
      // What size the last path carried is no longer of interest.
      packets.contents[slot] = (packets.contents[slot] as number) & ~PacketContent.mtuProbe;
    }
  }

  /** Opens the record of the packet that is about to leave and returns its slot. */
  onPacketSent(now: number, bytes: number, contents: number): number {
    const packetNumber = this.packets.next;
    const slot = this.packets.append(now, bytes, contents);
    if ((contents & PacketContent.ackEliciting) === 0) {
      this.packets.fate[slot] = PacketFate.none;
      return slot;
    }
    this.#bytesInFlight += bytes;
    this.#packetsOutstanding += 1;
    this.#lastElicitingSentAtMs = now;
    this.rate.onPacketSent(this.packets, slot, now, this.#bytesInFlight);
    this.#controller.onPacketSent({ now, packetNumber, bytes, bytesInFlight: this.#bytesInFlight });
    return slot;
  }

  /** Processes an ACK frame; throws `ProtocolViolationError` when it acknowledges what was never sent. */
  // RUDP-ACK-5
  handleAck(now: number, frame: AckFrame): void {
    if (frame.largest >= this.packets.next) {
      throw new ProtocolViolationError(
        ResetCode.unsentPacketAcknowledged,
        `packet ${frame.largest} was never sent`,
      );
    }
    const priorBytesInFlight = this.#bytesInFlight;
    this.#begin(now);
    const isOld = this.#acknowledged.has(frame.largest);
    this.rate.startFrame(now, isOld ? undefined : this.#timing.receivedAtMs(frame));
    for (let index = 0; index < frame.rangeCount; index += 1) {
      const start = Math.max(frame.bounds[2 * index] as number, this.packets.oldest);
      const end = frame.bounds[2 * index + 1] as number;
      if (start >= end) break;
      this.#acknowledged.forEachMissing(start, end, this.#acknowledgeRange);
      this.#acknowledged.add(start, end);
    }
    this.#largestAcked = Math.max(this.#largestAcked, frame.largest);
    if (this.#frameNewestAcked < 0) return;
    // RUDP-RTT-1: only of a packet that is news, and only of the largest.
    const isTimed = this.#frameNewestAcked === frame.largest;
    const latestRttMs = isTimed ? this.#timing.sampleRtt(now, frame, this.#peerAckDelayMsMax) : undefined;
    const arrivals = isTimed ? this.#timing.arrivalsOf(frame, this.rate.deliveredBytes) : NO_ARRIVALS;
    this.#probeTimeoutCount = 0;
    this.#detectLost(now);
    this.#reportAck(now, { priorBytesInFlight, latestRttMs, arrivals });
    this.#forgetSettled(now);
  }

  /** A loss timer or the probe timer fired. Returns true when the caller should send probes. */
  // RUDP-LOSS-5
  handleDeadline(now: number): boolean {
    if (this.#lossTime !== undefined) {
      this.#begin(now);
      this.#detectLost(now);
      if (this.#lostPackets > 0) {
        this.#controller.onPacketsLost({
          now,
          lostBytes: this.#lostBytes,
          lostPackets: this.#lostPackets,
          bytesInFlight: this.#bytesInFlight,
          largestLostPacketNumber: this.#largestLost,
          nextPacketNumber: this.packets.next,
        });
      }
      this.#forgetSettled(now);
      return false;
    }
    if (this.#packetsOutstanding === 0) return false;
    this.#probeTimeoutCount += 1;
    this.counters.probeTimeouts += 1;
    return true;
  }

  /** Slots of the oldest `count` packets in flight: what a probe carries again. */
  oldestOutstanding(count: number): number[] {
    const slots: number[] = [];
    for (let number = this.#firstOutstanding; number < this.packets.next; number += 1) {
      if (slots.length >= count) break;
      const slot = this.packets.slotOf(number);
      if (this.packets.fate[slot] === PacketFate.outstanding) slots.push(slot);
    }
    return slots;
  }

  /** Marks rate samples as limited by the application (RFC 9002 §7.8). */
  onApplicationLimited(now: number): void {
    this.rate.markApplicationLimited(this.#bytesInFlight);
    this.#controller.onApplicationLimited(now, this.#bytesInFlight);
  }

  #begin(now: number): void {
    this.#now = now;
    this.#frameAckedBytes = 0;
    this.#frameSpuriousBytes = 0;
    this.#frameSmallestSpurious = Number.POSITIVE_INFINITY;
    this.#frameNewestAcked = -1;
    this.#lostBytes = 0;
    this.#lostPackets = 0;
  }

  readonly #acknowledgeRange = (start: number, end: number): void => {
    for (let number = start; number < end; number += 1) {
      const slot = this.packets.slotOf(number);
      const fate = this.packets.fate[slot];
      if (fate === PacketFate.skipped) {
        throw new ProtocolViolationError(ResetCode.unsentPacketAcknowledged, `packet ${number} was left out`);
      }
      if (fate !== PacketFate.outstanding && fate !== PacketFate.lost) continue;
      const bytes = this.packets.bytes[slot] as number;
      if (fate === PacketFate.outstanding) this.#leaveFlight(number, bytes);
      else this.#noteSpurious(number, slot);
      this.packets.fate[slot] = PacketFate.acknowledged;
      this.counters.packetsAcknowledged += 1;
      if (number >= this.#pathStart) {
        this.#frameAckedBytes += bytes;
        this.#frameNewestAcked = Math.max(this.#frameNewestAcked, number);
        this.rate.onPacketAcknowledged(this.packets, slot);
      }
      this.#outcomes.handlePacketAcknowledged(slot);
    }
  };

  #leaveFlight(packetNumber: number, bytes: number): void {
    if (packetNumber >= this.#pathStart) this.#bytesInFlight -= bytes;
    this.#packetsOutstanding -= 1;
  }

  /** A packet declared lost arrived after all: the thresholds were too tight for this path's reordering. */
  // RUDP-LOSS-3
  #noteSpurious(packetNumber: number, slot: number): void {
    this.counters.packetsSpurious += 1;
    if (packetNumber < this.#pathStart) return;
    // RUDP-MTU-2: a probe was not counted when it was lost.
    if (((this.packets.contents[slot] as number) & PacketContent.mtuProbe) === 0) {
      this.#frameSpuriousBytes += this.packets.bytes[slot] as number;
      this.#frameSmallestSpurious = Math.min(this.#frameSmallestSpurious, packetNumber);
    }
    const packets = this.#largestAcked - packetNumber + 1;
    const roundTrips = (this.#now - (this.packets.sentAtMs[slot] as number)) / this.#rtt.smoothedMs;
    this.#tolerance.widen({ packets, roundTrips });
  }

  // RUDP-LOSS-1, RUDP-LOSS-2
  #detectLost(now: number): void {
    this.#lossTime = undefined;
    const rttMs = Math.max(this.#rtt.smoothedMs, this.#rtt.latestMs);
    const delayMs = Math.max(this.#tolerance.roundTrips * rttMs, GRANULARITY_MS);
    let runStartMs: number | undefined;
    for (let number = this.#firstOutstanding; number < this.#largestAcked; number += 1) {
      const slot = this.packets.slotOf(number);
      const fate = this.packets.fate[slot];
      if (fate === PacketFate.acknowledged) runStartMs = undefined;
      if (fate !== PacketFate.outstanding) continue;
      const sentAtMs = this.packets.sentAtMs[slot] as number;
      const lossTime = sentAtMs + delayMs;
      if (number > this.#largestAcked - this.#tolerance.packets && lossTime > now) {
        this.#lossTime = lossTime;
        break;
      }
      this.#declareLost(number, slot);
      if (number < this.#pathStart) continue;
      runStartMs ??= sentAtMs;
      if (sentAtMs - runStartMs > this.#persistentCongestionMs) {
        this.#controller.onPersistentCongestion(now);
        runStartMs = sentAtMs;
      }
    }
    this.#skipSettled();
  }

  #declareLost(packetNumber: number, slot: number): void {
    const bytes = this.packets.bytes[slot] as number;
    this.packets.fate[slot] = PacketFate.lost;
    this.#leaveFlight(packetNumber, bytes);
    this.counters.packetsLost += 1;
    const isMtuProbe = ((this.packets.contents[slot] as number) & PacketContent.mtuProbe) !== 0;
    const isFarBehind = packetNumber <= this.#largestAcked - this.#tolerance.packets;
    const rule = isFarBehind ? 'packet-threshold' : 'time-threshold';
    this.#observer?.onPacketLost(this.#now, { packetNumber, bytes, rule, isMtuProbe });
    this.#outcomes.handlePacketLost(slot);
    // RUDP-MTU-2: a lost probe says nothing about congestion.
    if (isMtuProbe || packetNumber < this.#pathStart) return;
    this.#lostBytes += bytes;
    this.#lostPackets += 1;
    this.#largestLost = packetNumber;
    this.rate.onPacketLost(this.packets, slot);
  }

  get #persistentCongestionMs(): number {
    if (!this.#rtt.hasSample) return Number.POSITIVE_INFINITY;
    return PERSISTENT_CONGESTION_PERIODS * this.probeTimeoutMs;
  }

  #reportAck(
    now: number,
    seen: Pick<AcknowledgementEvent, 'priorBytesInFlight' | 'latestRttMs' | 'arrivals'>,
  ): void {
    if (this.#frameSpuriousBytes > 0) {
      this.#controller.onSpuriousLoss(now, this.#frameSpuriousBytes, this.#frameSmallestSpurious);
    }
    this.#controller.onAcknowledgement({
      now,
      ackedBytes: this.#frameAckedBytes,
      lostBytes: this.#lostBytes,
      lostPackets: this.#lostPackets,
      largestLostPacketNumber: this.#largestLost,
      ...seen,
      bytesInFlight: this.#bytesInFlight,
      largestAckedPacketNumber: this.#largestAcked,
      nextPacketNumber: this.packets.next,
      smoothedRttMs: this.#rtt.smoothedMs,
      minRttMs: this.#rtt.minMs,
      rateSample: this.rate.takeSample(this.#rtt.minMs),
    });
  }

  #skipSettled(): void {
    while (
      this.#firstOutstanding < this.packets.next &&
      this.packets.fate[this.packets.slotOf(this.#firstOutstanding)] !== PacketFate.outstanding
    ) {
      this.#firstOutstanding += 1;
    }
  }

  /** Drops old records. Lost ones stay for a while: their late acknowledgement shows that the loss was spurious. */
  #forgetSettled(now: number): void {
    this.#skipSettled();
    const keepMs = PERSISTENT_CONGESTION_PERIODS * this.probeTimeoutMs;
    let number = this.packets.oldest;
    for (; number < this.#firstOutstanding; number += 1) {
      const slot = this.packets.slotOf(number);
      if (
        this.packets.fate[slot] === PacketFate.lost &&
        (this.packets.sentAtMs[slot] as number) + keepMs > now
      )
        break;
    }
    this.packets.forgetBelow(number);
    this.#acknowledged.remove(0, number);
  }
}
