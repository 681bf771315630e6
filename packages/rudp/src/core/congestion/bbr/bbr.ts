import type {
  AcknowledgementEvent,
  CongestionController,
  LossEvent,
  PacketSentEvent,
} from '../controller.ts';
import { AckAggregation } from './ack-aggregation.ts';
import { FullPipe } from './full-pipe.ts';
import { type LossCount, LossMeter } from './loss-meter.ts';
import { MinRtt } from './min-rtt.ts';
import { RoundCounter } from './round-counter.ts';
import { SmoothedRate } from './smoothed-rate.ts';
import { WindowedMax } from './windowed-max.ts';

type State = 'startup' | 'drain' | 'down' | 'cruise' | 'refill' | 'up' | 'probe-rtt';

/** How fast and how far each state goes, as multiples of the estimated bandwidth and of its bandwidth-delay product. */
// RUDP-CC-2
const gains: Record<State, { readonly pacing: number; readonly window: number }> = {
  startup: { pacing: 2.77, window: 2 },
  drain: { pacing: 0.5, window: 2 },
  down: { pacing: 0.9, window: 2 },
  cruise: { pacing: 1, window: 2 },
  refill: { pacing: 1, window: 2 },
  up: { pacing: 1.25, window: 2.25 },
  'probe-rtt': { pacing: 1, window: 0.5 },
};

/** RFC 9002 §7.2. */
const windowPacketsInitial = 10;
const windowPacketsMin = 4;
/** Share of the bandwidth that is left to drain what estimates get wrong (draft-ietf-ccwg-bbr: PacingMarginPercent). */
const pacingMargin = 0.99;
/** Least that remains of a bound after one congested round (draft-ietf-ccwg-bbr: Beta). */
const reductionMin = 0.7;
/** After congestion, part of what was delivered that is sent until the next probe: the rest drains the queue. */
const yieldGain = 0.9;
/** A probe that delivers less than this much more than before has met nobody: the share of others is what it would gain. */
const ownQueueGain = 1.06;
/** What leaves at no more than this part of the largest delivery rate cannot fill a queue. */
const belowCapacityGain = 0.92;
/** A round that delivers less than this part of what was sent has lost its bandwidth to something. */
const fallRatio = 0.75;
/** Part of the loss bound that is left to others while draining. */
const drainHeadroom = 0.95;
const probeRttMs = 200;
/** Rounds between two searches for more bandwidth: random, so that flows do not search together. */
const cycleRoundsMin = 8;
const cycleRoundsSpread = 8;
const cycleMsMin = 250;
/** Rounds that a drain may last: others may be filling the queue. */
const drainRoundsMax = 4;
/** A round whose smallest RTT exceeds the path's minimum by this shows a queue. */
const queueGain = 1.25;
const queueMsMin = 1;
/** A period whose smallest RTT is this close to the path's minimum has seen the path empty. */
const emptyMsMax = 0.7;
const queueTrimMax = 0.2;
/** Part by which the rate falls for a queue of one round trip. */
const queueTrimSlope = 0.4;
/** Least time constant of the averaged delivery rate. */
const rateMsMin = 5;
/** A probe lasts a round, and long enough for the averaged rate to follow. */
const probeMsMin = 12;
/** Rounds shorter than this are judged together: a stalled event loop is no congestion. */
const periodMsMin = 12;
/** Periods of fewer packets are not judged, unless they have lasted this many rounds. */
const periodPacketsMin = 40;
const periodRoundsMax = 8;
/** Part by which the first probe after an overflow goes past the loss bound; it doubles with each probe that overflows nothing. */
const probeGrowthMin = 1 / 16;

/** What was seen over one or more whole round trips. */
interface Period {
  readonly startedAtMs: number;
  readonly startedRound: number;
  bandwidth: number;
  rttMsMin: number;
}

/**
 * BBR after draft-ietf-ccwg-bbr, with another reading of loss: see docs/decisions/2026-11-22-loss-is-not-congestion.md.
 *
 * The model of the path is the largest delivery rate of two probing cycles, the smallest RTT, the path's own loss, and the bytes
 * in flight at which a queue overflowed. Startup doubles until the pipe is full; then a cycle drains (down), holds (cruise),
 * refills and looks for more (up).
 */
export class BbrController implements CongestionController {
  readonly name = 'bbr';

  #state: State = 'startup';
  #stateEnteredAtMs = 0;
  #stateEnteredRound = 0;
  #cycleRounds = cycleRoundsMin;
  #cycleStartedAtMs = 0;
  #cycleStartedRound = 0;
  #probeRttEndsAtMs = Number.POSITIVE_INFINITY;
  #probeRttMsMin = Number.POSITIVE_INFINITY;

  #pacingRate = Number.POSITIVE_INFINITY;
  #congestionWindow: number;
  /** Upper bound of the bandwidth until the next probe, after congestion. */
  #bandwidthLow = Number.POSITIVE_INFINITY;
  /** Bytes in flight at which a probe overflowed the queue. */
  #inflightHigh = Number.POSITIVE_INFINITY;
  #probeGrowth = probeGrowthMin;
  #isApplicationLimited = false;
  #maxDatagramBytes: number;

  #period: Period = { startedAtMs: 0, startedRound: 0, bandwidth: 0, rttMsMin: Number.POSITIVE_INFINITY };
  /** What the last period before a probe delivered. */
  #steadyBandwidth = 0;
  #latestRttMs = 0;
  #jitterMs = 0;
  #roundRttMsMin = Number.POSITIVE_INFINITY;
  #lastRttMsMin = Number.POSITIVE_INFINITY;
  /** Bandwidth when the last probe began. */
  #probeBandwidth = 0;
  #undo: { readonly bandwidthLow: number; readonly inflightHigh: number } | undefined;

  readonly #random: () => number;
  readonly #rounds = new RoundCounter();
  readonly #bandwidths = new WindowedMax(2);
  readonly #minRtt = new MinRtt();
  readonly #rate = new SmoothedRate();
  readonly #aggregation = new AckAggregation();
  readonly #fullPipe = new FullPipe();
  readonly #losses: LossMeter;
  #heldLoss: LossCount = { ackedBytes: 0, lostBytes: 0 };

  constructor(options: { readonly maxDatagramBytes: number; readonly random: () => number }) {
    this.#maxDatagramBytes = options.maxDatagramBytes;
    this.#random = options.random;
    this.#losses = new LossMeter(options.maxDatagramBytes);
    this.#congestionWindow = windowPacketsInitial * options.maxDatagramBytes;
  }

  get congestionWindow(): number {
    return this.#congestionWindow;
  }

  get pacingRate(): number {
    return this.#pacingRate;
  }

  /** For logs and tests. */
  get state(): State {
    return this.#state;
  }

  /** Estimated bandwidth in bytes per second, congestion taken into account. */
  get bandwidth(): number {
    return Math.min(this.#bandwidths.max, this.#bandwidthLow);
  }

  /** The loss that the path has whatever we do, 0 to 0.5. */
  get pathLossRatio(): number {
    return this.#losses.floorRatio;
  }

  onPacketSent(_event: PacketSentEvent): void {}

  onAcknowledgement(event: AcknowledgementEvent): void {
    this.#rounds.update(event.largestAckedPacketNumber, event.nextPacketNumber);
    if (this.#rounds.isStart) this.#endRound(event);
    this.#followStretch(event);
    this.#measure(event);
    this.#advance(event);
    this.#setPacingRate(event);
    this.#setCongestionWindow(event);
  }

  onPacketsLost(event: LossEvent): void {
    this.#losses.count(0, event.lostBytes);
  }

  // RUDP-CC-15
  onSpuriousLoss(_now: number, spuriousBytes: number): void {
    this.#losses.forgive(spuriousBytes);
    if (this.#undo === undefined) return;
    this.#bandwidthLow = Math.max(this.#bandwidthLow, this.#undo.bandwidthLow);
    this.#inflightHigh = Math.max(this.#inflightHigh, this.#undo.inflightHigh);
    this.#undo = undefined;
  }

  // RUDP-CC-16
  onPersistentCongestion(_now: number): void {
    this.#congestionWindow = windowPacketsMin * this.#maxDatagramBytes;
  }

  onApplicationLimited(_now: number, _bytesInFlight: number): void {
    this.#isApplicationLimited = true;
  }

  onMaxDatagramSize(bytes: number): void {
    const isUntouched = this.#congestionWindow === windowPacketsInitial * this.#maxDatagramBytes;
    this.#maxDatagramBytes = bytes;
    this.#losses.onMaxDatagramSize(bytes);
    if (isUntouched) this.#congestionWindow = windowPacketsInitial * bytes;
  }

  get #isQueued(): boolean {
    return this.#isQueuedFor(this.#period.rttMsMin);
  }

  /** Whether the period has seen the path without any queue: then no queue can have overflowed for long. */
  get #isEmpty(): boolean {
    return this.#period.rttMsMin <= this.#minRtt.valueMs + emptyMsMax + this.#jitterMs / 2;
  }

  #isQueuedFor(rttMsMin: number): boolean {
    return rttMsMin > this.#minRtt.valueMs * queueGain + queueMsMin;
  }

  /** Bytes that fill the path without a queue, those included that the path will lose. */
  // RUDP-CC-5
  get #inflightTarget(): number {
    if (!this.#minRtt.isKnown) return this.#congestionWindow;
    return (this.bandwidth * this.#minRtt.valueMs) / 1000 / (1 - this.#losses.floorRatio);
  }

  #measure(event: AcknowledgementEvent): void {
    if (event.latestRttMs !== undefined) {
      this.#minRtt.update(event.now, event.latestRttMs);
      this.#jitterMs += (Math.abs(event.latestRttMs - this.#latestRttMs) - this.#jitterMs) / 16;
      this.#latestRttMs = event.latestRttMs;
      this.#period.rttMsMin = Math.min(this.#period.rttMsMin, event.latestRttMs);
      this.#roundRttMsMin = Math.min(this.#roundRttMsMin, event.latestRttMs);
      this.#probeRttMsMin = Math.min(this.#probeRttMsMin, event.latestRttMs);
    }
    const sample = event.rateSample;
    if (sample !== undefined) {
      this.#isApplicationLimited = sample.isAppLimited;
      this.#rate.update(event.now, sample, Math.max(this.#minRtt.valueMs / 4, rateMsMin));
      const rate = this.#state === 'startup' ? sample.deliveryRate : this.#rate.value;
      this.#period.bandwidth = Math.max(this.#period.bandwidth, rate);
      // RUDP-CC-6
      if (!sample.isAppLimited || rate >= this.#bandwidths.max) this.#bandwidths.update(rate);
    }
    this.#losses.count(event.ackedBytes, event.lostBytes);
    this.#aggregation.update(event.now, event.ackedBytes, this.bandwidth, this.#congestionWindow);
  }

  #endRound(event: AcknowledgementEvent): void {
    this.#lastRttMsMin = this.#roundRttMsMin;
    this.#roundRttMsMin = Number.POSITIVE_INFINITY;
    this.#aggregation.onRoundStart();
    if (this.#state === 'startup' || this.#hasEvidence(event.now)) this.#endPeriod(event);
  }

  /** Packets of another state are being acknowledged from here on. */
  #followStretch(event: AcknowledgementEvent): void {
    const gain = this.#losses.pacingGain;
    if (!this.#losses.advance(event.largestAckedPacketNumber, this.#isEmpty ? 'empty' : 'unknown')) return;
    // RUDP-CC-9
    if (gain === gains.up.pacing && this.#period.bandwidth < ownQueueGain * this.#steadyBandwidth)
      this.#minRtt.confirm();
    this.#startPeriod(event.now);
  }

  /** Whether the period tells more than chance does. */
  #hasEvidence(now: number): boolean {
    if (now - this.#period.startedAtMs < periodMsMin) return false;
    if (this.#rounds.count - this.#period.startedRound >= periodRoundsMax) return true;
    const { ackedBytes, lostBytes } = this.#losses.window;
    return ackedBytes + lostBytes >= periodPacketsMin * this.#maxDatagramBytes;
  }

  /** Judges the period that has just ended, then forgets it. */
  #endPeriod(event: AcknowledgementEvent): void {
    const isQueued = this.#isQueued;
    if (this.#state === 'startup') {
      if (!this.#isApplicationLimited) this.#judgeStartupRound(isQueued);
    } else if (this.#losses.pacingGain <= 1) {
      this.#steadyBandwidth = this.#period.bandwidth;
      this.#judgeSteadyPeriod(event, isQueued);
    }
    this.#losses.endWindow(this.#isEmpty ? 'empty' : 'occupied');
    this.#startPeriod(event.now);
  }

  /** Loss of a round that the next round outgrew cannot have been an overflow: the path has it anyway. */
  // RUDP-CC-3
  #judgeStartupRound(isQueued: boolean): void {
    this.#fullPipe.onRoundEnd(this.#bandwidths.max, isQueued);
    if (!this.#fullPipe.isGrowing || !this.#isEmpty) return;
    this.#losses.learn(this.#heldLoss);
    this.#heldLoss = this.#losses.window;
  }

  #startPeriod(now: number): void {
    this.#period = {
      startedAtMs: now,
      startedRound: this.#rounds.count,
      bandwidth: 0,
      rttMsMin: Number.POSITIVE_INFINITY,
    };
  }

  /** Loss beyond the path's own, or a queue with a falling rate: hold what the path delivered, and drain. */
  // RUDP-CC-12
  #judgeSteadyPeriod(event: AcknowledgementEvent, isQueued: boolean): void {
    if (this.#isApplicationLimited || this.#period.bandwidth === 0) return;
    const isFalling = this.#period.bandwidth < fallRatio * this.#losses.pacingGain * this.bandwidth;
    if (!this.#losses.isExcessive && !(isQueued && isFalling)) return;
    this.#rememberForUndo();
    this.#bandwidthLow = Math.max(yieldGain * this.#period.bandwidth, reductionMin * this.bandwidth);
    this.#enter('down', event);
  }

  #rememberForUndo(): void {
    this.#undo = { bandwidthLow: this.#bandwidthLow, inflightHigh: this.#inflightHigh };
  }

  #advance(event: AcknowledgementEvent): void {
    if (this.#state !== 'probe-rtt' && this.#minRtt.isStale) this.#enterProbeRtt(event);
    switch (this.#state) {
      case 'startup':
        if (this.#losses.isOverflow || this.#fullPipe.isReached) this.#leaveStartup(event);
        break;
      case 'drain':
        if (event.bytesInFlight <= this.#inflightTarget) this.#startRefill(event);
        break;
      case 'down':
        this.#settle(event);
        break;
      case 'cruise':
        if (this.#isTimeToProbe(event)) this.#startRefill(event);
        break;
      case 'refill':
        if (this.#rounds.count > this.#stateEnteredRound) this.#startProbe(event);
        break;
      case 'up':
        this.#probe(event);
        break;
      case 'probe-rtt':
        this.#probeRtt(event);
    }
  }

  #enter(state: State, event: AcknowledgementEvent): void {
    this.#state = state;
    this.#stateEnteredAtMs = event.now;
    this.#stateEnteredRound = this.#rounds.count;
    const pacingGain = gains[state].pacing;
    this.#losses.onRateChange({
      firstPacketNumber: event.nextPacketNumber,
      pacingGain,
      isBelowCapacity: pacingGain * this.bandwidth <= belowCapacityGain * this.#bandwidths.max,
    });
  }

  // RUDP-CC-4
  #leaveStartup(event: AcknowledgementEvent): void {
    if (this.#losses.isOverflow) this.#inflightHigh = this.#inflightTarget;
    this.#fullPipe.markReached();
    this.#bandwidths.reset();
    this.#bandwidths.update(this.#rate.value);
    this.#enter('drain', event);
  }

  // RUDP-CC-7
  #startCycle(event: AcknowledgementEvent): void {
    this.#cycleStartedAtMs = event.now;
    this.#cycleStartedRound = this.#rounds.count;
    this.#cycleRounds = cycleRoundsMin + cycleRoundsSpread * this.#random();
    this.#enter('down', event);
  }

  /** After a probe that found more, the next one follows at once. */
  #settle(event: AcknowledgementEvent): void {
    if (this.#rounds.count === this.#stateEnteredRound) return;
    if (
      this.#rounds.isStart &&
      this.bandwidth > this.#probeBandwidth * 1.1 &&
      this.#bandwidthLow === Number.POSITIVE_INFINITY
    ) {
      this.#startProbe(event);
      return;
    }
    const isLong = this.#rounds.count - this.#stateEnteredRound >= drainRoundsMax;
    if (isLong || this.#isDrained(event)) this.#enter('cruise', event);
  }

  #isDrained(event: AcknowledgementEvent): boolean {
    return event.bytesInFlight <= Math.min(this.#inflightTarget, this.#inflightHigh * drainHeadroom);
  }

  #isTimeToProbe(event: AcknowledgementEvent): boolean {
    if (this.#isApplicationLimited) return false;
    if (event.now - this.#cycleStartedAtMs < cycleMsMin) return false;
    return this.#rounds.count - this.#cycleStartedRound >= this.#cycleRounds;
  }

  #startRefill(event: AcknowledgementEvent): void {
    this.#bandwidthLow = Number.POSITIVE_INFINITY;
    this.#bandwidths.advance();
    this.#rounds.restart(event.nextPacketNumber);
    this.#enter('refill', event);
  }

  #startProbe(event: AcknowledgementEvent): void {
    this.#probeBandwidth = this.bandwidth;
    this.#relaxInflightBound();
    this.#rounds.restart(event.nextPacketNumber);
    this.#enter('up', event);
  }

  /** Goes up for a round, until the queue overflows or stands. */
  // RUDP-CC-8, RUDP-CC-11
  #probe(event: AcknowledgementEvent): void {
    if (this.#losses.isExcessive) {
      this.#boundInflight(event);
      this.#startCycle(event);
      return;
    }
    if (!this.#rounds.isStart) return;
    const isLongEnough = event.now - this.#stateEnteredAtMs >= probeMsMin;
    if (!isLongEnough && !this.#isQueuedFor(this.#lastRttMsMin)) return;
    this.#rounds.restart(event.nextPacketNumber);
    this.#startCycle(event);
  }

  /** The queue overflows at about this much in flight: stay below it until later probes have shown otherwise. */
  #boundInflight(event: AcknowledgementEvent): void {
    this.#rememberForUndo();
    const atSend = event.rateSample?.inFlightBytesAtSend ?? event.priorBytesInFlight;
    this.#inflightHigh = Math.max(atSend * (1 - this.#losses.windowRatio), this.#inflightTarget);
    this.#probeGrowth = probeGrowthMin;
  }

  /** Each probe may go further past the bound than the one before, until nothing of the bound is left. */
  #relaxInflightBound(): void {
    if (this.#inflightHigh === Number.POSITIVE_INFINITY) return;
    this.#inflightHigh *= 1 + this.#probeGrowth;
    this.#probeGrowth *= 2;
    if (this.#inflightHigh > gains.up.window * this.#inflightTarget)
      this.#inflightHigh = Number.POSITIVE_INFINITY;
  }

  // RUDP-CC-9
  #enterProbeRtt(event: AcknowledgementEvent): void {
    this.#probeRttEndsAtMs = Number.POSITIVE_INFINITY;
    this.#probeRttMsMin = Number.POSITIVE_INFINITY;
    this.#enter('probe-rtt', event);
  }

  #probeRtt(event: AcknowledgementEvent): void {
    const target = Math.max(gains['probe-rtt'].window * this.#inflightTarget, this.#windowMin);
    if (this.#probeRttEndsAtMs === Number.POSITIVE_INFINITY) {
      if (event.bytesInFlight > target) return;
      this.#probeRttEndsAtMs = event.now + probeRttMs;
      this.#rounds.restart(event.nextPacketNumber);
      this.#stateEnteredRound = this.#rounds.count;
      return;
    }
    if (event.now < this.#probeRttEndsAtMs || this.#rounds.count === this.#stateEnteredRound) return;
    this.#minRtt.replace(event.now, this.#probeRttMsMin);
    if (this.#fullPipe.isReached) this.#startCycle(event);
    else this.#enter('startup', event);
  }

  get #windowMin(): number {
    return windowPacketsMin * this.#maxDatagramBytes;
  }

  // RUDP-CC-13
  #setPacingRate(event: AcknowledgementEvent): void {
    const gain = gains[this.#state].pacing - (this.#state === 'cruise' ? this.#queueTrim : 0);
    if (this.bandwidth === 0) {
      this.#pacingRate = (gain * this.#congestionWindow * 1000) / Math.max(event.smoothedRttMs, 1);
      return;
    }
    const rate = (gain * pacingMargin * this.bandwidth) / (1 - this.#losses.floorRatio);
    const isGrowing = !this.#fullPipe.isReached && this.#pacingRate !== Number.POSITIVE_INFINITY;
    this.#pacingRate = isGrowing ? Math.max(rate, this.#pacingRate) : rate;
  }

  /** A little less while a queue stands: what estimates get wrong must not add up. */
  get #queueTrim(): number {
    const queueMs = this.#lastRttMsMin - this.#minRtt.valueMs - queueMsMin;
    return Math.min(queueTrimMax, queueTrimSlope * Math.max(0, queueMs / this.#minRtt.valueMs));
  }

  // RUDP-CC-14
  #setCongestionWindow(event: AcknowledgementEvent): void {
    const target = this.#windowTarget();
    const grown = this.#congestionWindow + event.ackedBytes;
    const window =
      this.#fullPipe.isReached || this.#congestionWindow >= target ? Math.min(grown, target) : grown;
    this.#congestionWindow = Math.max(Math.min(window, this.#inflightHigh), this.#windowMin);
  }

  #windowTarget(): number {
    if (this.bandwidth === 0) return Number.POSITIVE_INFINITY;
    const gain = gains[this.#state].window;
    if (this.#state === 'probe-rtt') return gain * this.#inflightTarget;
    const trainBytes = Math.min(this.bandwidth / 1000, 65_536);
    return gain * this.#inflightTarget + this.#aggregation.extraAckedBytes + 2 * trainBytes;
  }
}
