import type {
  AcknowledgementEvent,
  CongestionController,
  LossEvent,
  PacketSentEvent,
} from '../controller.ts';
import { AckAggregation } from './ack-aggregation.ts';
import { CongestionBounds } from './congestion-bounds.ts';
import { FullPipe } from './full-pipe.ts';
import { type LossCount, LossMeter } from './loss-meter.ts';
import { MinRtt } from './min-rtt.ts';
import { Period } from './period.ts';
import { ProbeRtt } from './probe-rtt.ts';
import { QueueSignals } from './queue-signals.ts';
import { RoundCounter } from './round-counter.ts';
import { SmoothedRate } from './smoothed-rate.ts';
import { type BbrState, gains } from './states.ts';
import { WindowedMax } from './windowed-max.ts';

/** RFC 9002 §7.2; no more, since nothing is known about the path. */
const windowPacketsInitial = 10;
/** draft-ietf-ccwg-bbr: MinPipeCwnd. */
const windowPacketsMin = 4;
/** The rest of the bandwidth drains what estimates get wrong (draft-ietf-ccwg-bbr: PacingMarginPercent). */
const pacingMargin = 0.99;
/** The bandwidth is the largest delivery rate of this many probing cycles (draft-ietf-ccwg-bbr: MaxBwFilterLen). */
const bandwidthCycles = 2;
/** A probe that delivers less than this much more than the period before it has met nobody: it would have gained their share. */
const ownQueueGain = 1.06;
/** A probe that found this much more is followed by the next one at once. */
const foundMoreGain = 1.1;
/** What leaves at no more than this part of the largest delivery rate cannot fill a queue. */
const belowCapacityGain = 0.92;
/** A period that delivers less than this part of what was sent, while a queue stands, shows that the bandwidth has fallen. */
const fallRatio = 0.75;
/** Short periods have to repeat: one alone may be a stalled machine. */
const fallMsMin = 24;
/** Part of the bytes in flight at which a queue overflowed that a drain goes down to. */
const drainHeadroom = 0.95;
/** Rounds that a drain may last: others may be filling the queue. */
const drainRoundsMax = 4;
/** Rounds between two probes: random, so that flows do not probe together. On short paths, at least this long. */
const cycleRoundsMin = 8;
const cycleRoundsSpread = 8;
const cycleMsMin = 250;
/** A probe lasts a round, and long enough for the averaged rate to follow. */
const probeMsMin = 12;
/** Startup judges its growth not more often than this. */
const startupMsMin = 5;
/** Time constant of the averaged delivery rate: a quarter of the round trip, and at least this. */
const rateMsMin = 5;
/** One segmentation-offload train: two of them may be on their way between the driver and the path. */
const trainBytesMax = 65_536;

/**
 * BBR after draft-ietf-ccwg-bbr, with another reading of loss: see docs/decisions/2026-11-22-loss-is-not-congestion.md.
 *
 * The model of the path is the largest delivery rate of two probing cycles, the smallest RTT, the loss that the path has whatever
 * we send, and the bytes in flight at which a queue overflowed. Each is kept by a part of its own; this class moves between the
 * states and turns the model into a rate and a window.
 */
export class BbrController implements CongestionController {
  readonly name = 'bbr';

  #state: BbrState = 'startup';
  #stateEnteredAtMs = 0;
  #stateEnteredRound = 0;
  #cycleRounds = cycleRoundsMin;
  #cycleStartedAtMs = 0;
  #cycleStartedRound = 0;
  #pacingRate = Number.POSITIVE_INFINITY;
  #congestionWindow: number;
  #isApplicationLimited = false;
  #maxDatagramBytes: number;

  #period = new Period(0, 0);
  /** What the last period before a probe delivered, and the estimate when the probe began. */
  #steadyBandwidth = 0;
  #probeBandwidth = 0;
  #fallingMs = 0;
  /** Loss of the startup round before this one, until it is clear what it was. */
  #heldLoss: LossCount = { ackedBytes: 0, lostBytes: 0 };

  readonly #random: () => number;
  readonly #rounds = new RoundCounter();
  readonly #rate = new SmoothedRate();
  readonly #bandwidths = new WindowedMax(bandwidthCycles);
  readonly #minRtt = new MinRtt();
  readonly #queue = new QueueSignals(this.#minRtt);
  readonly #aggregation = new AckAggregation();
  readonly #bounds = new CongestionBounds();
  readonly #losses: LossMeter;
  #fullPipe = new FullPipe();
  #probeRtt = new ProbeRtt();

  /** `random` is uniform in [0, 1): it spreads the probes of flows that share a path. */
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
  get state(): BbrState {
    return this.#state;
  }

  /** Estimated bandwidth in bytes per second, congestion taken into account. */
  get bandwidth(): number {
    return Math.min(this.#bandwidths.max, this.#bounds.bandwidth);
  }

  /** The loss that the path has whatever we send, 0 to 0.5. */
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
    this.#setPacingRate(event.smoothedRttMs);
    this.#setCongestionWindow(event.ackedBytes);
  }

  onPacketsLost(event: LossEvent): void {
    this.#losses.count(0, event.lostBytes);
  }

  // RUDP-CC-15
  onSpuriousLoss(_now: number, spuriousBytes: number): void {
    this.#losses.forgive(spuriousBytes);
    this.#bounds.undo();
  }

  /** The path was gone; what comes back may be another one. */
  // RUDP-CC-16
  onPersistentCongestion(_now: number): void {
    this.#congestionWindow = this.#windowMin;
    this.#bandwidths.reset();
    this.#bounds.releaseBandwidth();
    this.#fullPipe = new FullPipe();
    this.#state = 'startup';
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

  get #windowMin(): number {
    return windowPacketsMin * this.#maxDatagramBytes;
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
      this.#queue.update(event.now, event.latestRttMs);
      this.#probeRtt.update(event.latestRttMs);
    }
    const sample = event.rateSample;
    if (sample !== undefined) {
      this.#isApplicationLimited = sample.isAppLimited;
      this.#rate.update(event.now, sample, Math.max(this.#minRtt.valueMs / 4, rateMsMin));
      const rate = this.#state === 'startup' ? sample.deliveryRate : this.#rate.value;
      this.#period.update(rate);
      // RUDP-CC-6
      if (!sample.isAppLimited || rate >= this.#bandwidths.max) this.#bandwidths.update(rate);
    }
    this.#losses.count(event.ackedBytes, event.lostBytes);
    this.#aggregation.update(event.now, event.ackedBytes, this.bandwidth, this.#congestionWindow);
  }

  #endRound(event: AcknowledgementEvent): void {
    this.#aggregation.onRoundStart();
    const packets = this.#losses.windowBytes / this.#maxDatagramBytes;
    const isConclusive = this.#period.isConclusive(event.now, this.#rounds.count, packets);
    const isStartupRound = this.#state === 'startup' && this.#period.ageMs(event.now) >= startupMsMin;
    if (isStartupRound || isConclusive) this.#endPeriod(event);
  }

  /** Judges the period that has just ended, then forgets it. */
  #endPeriod(event: AcknowledgementEvent): void {
    if (this.#state === 'startup') {
      this.#judgeStartupRound();
    } else if (this.#losses.pacingGain <= 1) {
      this.#steadyBandwidth = this.#period.bandwidth;
      this.#judgeSteadyPeriod(event);
    }
    this.#losses.endWindow(this.#queue.occupancy);
    this.#queue.endPeriod();
    this.#startPeriod(event.now);
  }

  #startPeriod(now: number): void {
    this.#period = new Period(now, this.#rounds.count);
    this.#queue.startPeriod();
  }

  /** From some packet on, what is acknowledged was sent in another state. */
  #followStretch(event: AcknowledgementEvent): void {
    const wasProbe = this.#losses.pacingGain === gains.up.pacing;
    const occupancy = this.#queue.occupancy === 'empty' ? 'empty' : 'unknown';
    if (!this.#losses.advance(event.largestAckedPacketNumber, occupancy)) return;
    // RUDP-CC-9
    if (wasProbe && this.#period.bandwidth < ownQueueGain * this.#steadyBandwidth) this.#minRtt.confirm();
    this.#startPeriod(event.now);
  }

  /** Loss of a round that the next round outgrew cannot have been an overflow: the path has it anyway. */
  // RUDP-CC-3
  #judgeStartupRound(): void {
    if (this.#isApplicationLimited) return;
    this.#fullPipe.onRoundEnd(this.#bandwidths.max, this.#queue.isQueued);
    if (!this.#fullPipe.isGrowing || this.#queue.occupancy !== 'empty') return;
    this.#losses.learn(this.#heldLoss);
    this.#heldLoss = this.#losses.window;
  }

  /** Loss beyond the path's own, or a queue while less arrives than is sent: send less than was delivered, and drain. */
  // RUDP-CC-12
  #judgeSteadyPeriod(event: AcknowledgementEvent): void {
    const delivered = this.#period.bandwidth;
    if (this.#isApplicationLimited || delivered === 0) return;
    if (this.#hasFallen(event.now)) {
      this.#bandwidths.reset();
      this.#bandwidths.update(delivered);
    } else if (!this.#losses.isExcessive) {
      return;
    }
    this.#bounds.yieldBandwidth(delivered, this.bandwidth);
    this.#enter('down', event);
  }

  /** Whether the path delivers much less than it did, for longer than a machine stalls. */
  #hasFallen(now: number): boolean {
    const expected = this.#losses.pacingGain * this.bandwidth;
    const isFalling = this.#queue.isQueued && this.#period.bandwidth < fallRatio * expected;
    this.#fallingMs = isFalling ? this.#fallingMs + this.#period.ageMs(now) : 0;
    return this.#fallingMs >= fallMsMin;
  }

  #advance(event: AcknowledgementEvent): void {
    if (this.#state !== 'probe-rtt' && this.#minRtt.isStale) this.#enterProbeRtt(event);
    switch (this.#state) {
      case 'startup':
        if (this.#losses.isOverflow || this.#fullPipe.isReached) this.#leaveStartup(event);
        break;
      case 'drain':
        if (event.bytesInFlight <= this.#inflightTarget) this.#enterRefill(event);
        break;
      case 'refill':
        if (this.#rounds.count > this.#stateEnteredRound) this.#enterUp(event);
        break;
      case 'up':
        this.#probe(event);
        break;
      case 'down':
        this.#settle(event);
        break;
      case 'cruise':
        if (this.#isTimeToProbe(event.now)) this.#enterRefill(event);
        break;
      case 'probe-rtt':
        this.#findMinRtt(event);
    }
  }

  #enter(state: BbrState, event: AcknowledgementEvent): void {
    this.#state = state;
    this.#stateEnteredAtMs = event.now;
    this.#stateEnteredRound = this.#rounds.count;
    const pacingGain = gains[state].pacing;
    this.#losses.startStretch({
      firstPacketNumber: event.nextPacketNumber,
      pacingGain,
      isBelowCapacity: pacingGain * this.bandwidth <= belowCapacityGain * this.#bandwidths.max,
    });
  }

  /** Raw samples made startup fast; from here on averages count, which late timers do not bias. */
  // RUDP-CC-4
  #leaveStartup(event: AcknowledgementEvent): void {
    if (this.#losses.isOverflow) this.#bounds.boundInflight(this.#inflightTarget);
    this.#fullPipe.markReached();
    this.#bandwidths.reset();
    this.#bandwidths.update(this.#rate.value);
    this.#enter('drain', event);
  }

  #isTimeToProbe(now: number): boolean {
    if (this.#isApplicationLimited || now - this.#cycleStartedAtMs < cycleMsMin) return false;
    return this.#rounds.count - this.#cycleStartedRound >= this.#cycleRounds;
  }

  #enterRefill(event: AcknowledgementEvent): void {
    this.#bounds.releaseBandwidth();
    this.#bandwidths.advance();
    this.#rounds.restart(event.nextPacketNumber);
    this.#enter('refill', event);
  }

  #enterUp(event: AcknowledgementEvent): void {
    this.#probeBandwidth = this.bandwidth;
    this.#bounds.relaxInflight(gains.up.window * this.#inflightTarget);
    this.#rounds.restart(event.nextPacketNumber);
    this.#enter('up', event);
  }

  /** Goes up for a round; not longer when the queue overflows. */
  // RUDP-CC-8
  #probe(event: AcknowledgementEvent): void {
    if (this.#losses.isExcessive) {
      const atSend = event.rateSample?.inFlightBytesAtSend ?? event.priorBytesInFlight;
      const bytes = Math.max(atSend * (1 - this.#losses.windowRatio), this.#inflightTarget);
      this.#bounds.boundInflight(bytes);
      this.#startCycle(event);
      return;
    }
    if (!this.#rounds.isStart) return;
    if (event.now - this.#stateEnteredAtMs < probeMsMin) return;
    this.#rounds.restart(event.nextPacketNumber);
    this.#startCycle(event);
  }

  // RUDP-CC-7
  #startCycle(event: AcknowledgementEvent): void {
    this.#cycleStartedAtMs = event.now;
    this.#cycleStartedRound = this.#rounds.count;
    this.#cycleRounds = cycleRoundsMin + cycleRoundsSpread * this.#random();
    this.#enter('down', event);
  }

  /** Drains what the probe has queued; after a probe that found more, the next one follows at once. */
  // RUDP-CC-8
  #settle(event: AcknowledgementEvent): void {
    const rounds = this.#rounds.count - this.#stateEnteredRound;
    if (rounds === 0) return;
    const hasFoundMore = this.bandwidth > foundMoreGain * this.#probeBandwidth;
    const isBounded = this.#bounds.bandwidth !== Number.POSITIVE_INFINITY;
    if (this.#rounds.isStart && hasFoundMore && !isBounded) {
      this.#enterUp(event);
      return;
    }
    const target = Math.min(this.#inflightTarget, this.#bounds.inflightBytes * drainHeadroom);
    if (event.bytesInFlight <= target || rounds >= drainRoundsMax) this.#enter('cruise', event);
  }

  // RUDP-CC-9
  #enterProbeRtt(event: AcknowledgementEvent): void {
    this.#probeRtt = new ProbeRtt();
    this.#enter('probe-rtt', event);
  }

  // RUDP-CC-9
  #findMinRtt(event: AcknowledgementEvent): void {
    if (!this.#probeRtt.isDown) {
      if (event.bytesInFlight > this.#congestionWindow) return;
      this.#probeRtt.startTime(event.now);
      this.#rounds.restart(event.nextPacketNumber);
      this.#stateEnteredRound = this.#rounds.count;
      return;
    }
    if (!this.#probeRtt.isOver(event.now) || this.#rounds.count === this.#stateEnteredRound) return;
    this.#minRtt.replace(event.now, this.#probeRtt.rttMsMin);
    if (this.#fullPipe.isReached) this.#startCycle(event);
    else this.#enter('startup', event);
  }

  // RUDP-CC-13
  #setPacingRate(smoothedRttMs: number): void {
    const gain = gains[this.#state].pacing - (this.#state === 'cruise' ? this.#queue.trim : 0);
    if (this.bandwidth === 0) {
      this.#pacingRate = (gain * this.#congestionWindow * 1000) / Math.max(smoothedRttMs, 1);
      return;
    }
    const rate = (gain * pacingMargin * this.bandwidth) / (1 - this.#losses.floorRatio);
    const isGrowing = !this.#fullPipe.isReached && this.#pacingRate !== Number.POSITIVE_INFINITY;
    this.#pacingRate = isGrowing ? Math.max(rate, this.#pacingRate) : rate;
  }

  // RUDP-CC-13
  #setCongestionWindow(ackedBytes: number): void {
    const target = this.#windowTarget;
    const grown = this.#congestionWindow + ackedBytes;
    const isCapped = this.#fullPipe.isReached || this.#congestionWindow >= target;
    const window = isCapped ? Math.min(grown, target) : grown;
    this.#congestionWindow = Math.max(Math.min(window, this.#bounds.inflightBytes), this.#windowMin);
  }

  get #windowTarget(): number {
    if (this.bandwidth === 0) return Number.POSITIVE_INFINITY;
    const target = gains[this.#state].window * this.#inflightTarget;
    if (this.#state === 'probe-rtt') return target;
    const trainBytes = Math.min(this.bandwidth / 1000, trainBytesMax);
    return target + this.#aggregation.extraAckedBytes + 2 * trainBytes;
  }
}
