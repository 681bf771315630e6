import type { RateSample } from '../../recovery/delivery-rate.ts';
import type { AcknowledgementEvent } from '../controller.ts';
import { AckAggregation } from './ack-aggregation.ts';
import { CongestionBounds } from './congestion-bounds.ts';
import { LossMeter } from './loss-meter.ts';
import { MinRtt } from './min-rtt.ts';
import { QueueSignals } from './queue-signals.ts';
import { SmoothedRate } from './smoothed-rate.ts';
import { WindowedMax } from './windowed-max.ts';

/** The bandwidth is the largest delivery rate of this many probing cycles (draft-ietf-ccwg-bbr: MaxBwFilterLen). */
const BANDWIDTH_CYCLES = 2;
/** Time that a machine stalls for is short beside it. */
const CYCLE_MS_MIN = 200;
/** Rounds that tell what startup has reached. */
const RECENT_ROUNDS = 3;
/** Time constant of the averaged delivery rate: a quarter of the round trip, and at least this. */
const RATE_MS_MIN = 5;

/** Where a queue may stand, the rest of the bandwidth drains what estimates get wrong (draft-ietf-ccwg-bbr: PacingMarginPercent). */
const QUEUED_MARGIN = 0.99;
/** What leaves at no more than this part of the largest delivery rate cannot fill a queue. */
const BELOW_CAPACITY_GAIN = 0.92;

/** What is believed of the path: bandwidth, round-trip time, loss, queue, and the bounds that congestion has taught. */
export class PathEstimate {
  readonly minRtt = new MinRtt();
  readonly queue = new QueueSignals(this.minRtt);
  readonly bounds = new CongestionBounds();
  readonly losses: LossMeter;
  readonly #aggregation = new AckAggregation();
  readonly #rate = new SmoothedRate();
  /** The largest averaged rate of the last rounds: one that a stall has lowered must not end startup. */
  readonly #recentRates = new WindowedMax(RECENT_ROUNDS);
  readonly #bandwidths = new WindowedMax(BANDWIDTH_CYCLES);
  #cycleStartedAtMs = Number.NEGATIVE_INFINITY;

  constructor(maxDatagramBytes: number) {
    this.losses = new LossMeter(maxDatagramBytes);
  }

  /** Bytes per second, congestion taken into account; 0 before the first sample. */
  get bandwidth(): number {
    return Math.min(this.#bandwidths.max, this.bounds.bandwidth);
  }

  /** The largest delivery rate of the last cycles, in bytes per second. */
  get bandwidthMax(): number {
    return this.#bandwidths.max;
  }

  /** Bytes per second at this gain, those included that the path will lose. */
  // RUDP-CC-13
  pacingRate(gain: number): number {
    const margin = this.queue.wasEmpty ? 1 : QUEUED_MARGIN;
    return (gain * margin * this.bandwidth) / (1 - this.losses.floorRatio);
  }

  /** Packets from `firstPacketNumber` on leave at this gain. */
  startStretch(firstPacketNumber: number, pacingGain: number): void {
    // Sending at this rate cannot fill a queue.
    const isBelowCapacity = pacingGain * this.bandwidth <= BELOW_CAPACITY_GAIN * this.bandwidthMax;
    this.losses.startStretch({ firstPacketNumber, pacingGain, isBelowCapacity });
  }

  /**
   * A period has lost no more than the path does. If it has seen the path empty, too, yielding has done what it is for: either the loss
   * that was blamed has turned out to be the path's own, or the queue is gone.
   */
  // RUDP-CC-12
  relaxBandwidth(firstPacketNumber: number, pacingGain: number): void {
    if (this.queue.occupancy !== 'empty' || !this.bounds.isBandwidthBound) return;
    if (this.losses.explains(this.bounds.blamedLossRatio)) this.bounds.releaseBandwidth();
    else if (!this.bounds.relaxBandwidth()) return;
    this.startStretch(firstPacketNumber, pacingGain);
  }

  /** What acknowledgements that come in lumps need on top of the window, in bytes. */
  get extraAckedBytes(): number {
    return this.#aggregation.extraAckedBytes;
  }

  /** Bytes that fill the path without a queue, those included that the path will lose; undefined before the first RTT. */
  // RUDP-CC-5
  get inflightBytes(): number | undefined {
    if (!this.minRtt.isKnown) return undefined;
    return (this.bandwidth * this.minRtt.valueMs) / 1000 / (1 - this.losses.floorRatio);
  }

  startRound(): void {
    this.#recentRates.advance();
    this.#aggregation.onRoundStart();
    this.bounds.startRound();
  }

  /** Two cycles later, what was measured before this moment is forgotten; cycles that follow each other soon are one in this. */
  startCycle(now: number): void {
    this.bounds.releaseBandwidth();
    if (now - this.#cycleStartedAtMs < CYCLE_MS_MIN) return;
    this.#cycleStartedAtMs = now;
    this.#bandwidths.advance();
  }

  /** Forgets the bandwidth; it is `bytesPerSecond` until more is measured. */
  resetBandwidth(bytesPerSecond = 0): void {
    this.#bandwidths.reset();
    this.#bandwidths.update(bytesPerSecond);
  }

  /** Raw samples make startup fast; after it averages count, which late timers do not bias. `queuedRate` has come out of a queue. */
  // RUDP-CC-4
  settleBandwidth(queuedRate: number): void {
    this.resetBandwidth(Math.max(this.#recentRates.max, queuedRate));
  }

  /** Takes in one ACK frame; returns the delivery rate that it shows, in bytes per second. */
  update(event: AcknowledgementEvent, options: { isStartup: boolean; congestionWindow: number }): number {
    if (event.latestRttMs !== undefined) {
      this.minRtt.update(event.now, event.latestRttMs);
      this.queue.update(event.now, event.latestRttMs);
    }
    const sample = event.rateSample;
    const rate = sample === undefined ? 0 : this.#updateRate(event.now, sample, options.isStartup);
    this.losses.count(event.ackedBytes, event);
    this.#aggregation.update(event.now, event.ackedBytes, this.bandwidth, options.congestionWindow);
    return rate;
  }

  // RUDP-CC-6
  #updateRate(now: number, sample: RateSample, isStartup: boolean): number {
    this.#rate.update(now, sample, Math.max(this.minRtt.valueMs / 4, RATE_MS_MIN));
    this.#recentRates.update(this.#rate.value);
    const rate = isStartup ? sample.deliveryRate : this.#rate.value;
    if (!sample.isAppLimited || rate >= this.#bandwidths.max) this.#bandwidths.update(rate);
    return rate;
  }
}
