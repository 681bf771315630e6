import { stepOf } from '../../structures/state-table.ts';
import type {
  AcknowledgementEvent,
  CongestionController,
  CongestionMarkEvent,
  EstablishedEvent,
  LossEvent,
  PacketSentEvent,
  RoundMark,
} from '../controller.ts';
import { FallDetector } from './fall-detector.ts';
import { FullPipe, STARTUP_MS_MIN } from './full-pipe.ts';
import { BURST_PACKETS, Launch, WINDOW_PACKETS_MIN } from './launch.ts';
import { PathEstimate } from './path-estimate.ts';
import { Period } from './period.ts';
import { ProbeClock } from './probe-clock.ts';
import { ProbeRtt } from './probe-rtt.ts';
import { RoundCounter } from './round-counter.ts';
import { SenderLimits } from './sender-limits.ts';
import { BBR_STATE_TABLE, type BbrEvent, type BbrState, GAINS } from './states.ts';
import { windowBoundBytes, windowTargetBytes } from './window-target.ts';

/** A probe that delivers less than this much more than the period before it has met nobody: it would have gained their share. */
const OWN_QUEUE_GAIN = 1.06;
/** A probe that found this much more is followed by the next one at once. */
const FOUND_MORE_GAIN = 1.1;
/** Rounds that a drain may last: others may be filling the queue. */
const DRAIN_ROUNDS_MAX = 4;
/** A probe lasts a round, and long enough for the averaged rate to follow. */
const PROBE_MS_MIN = 12;

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
  #pacingRate = Number.POSITIVE_INFINITY;
  #congestionWindow: number;
  #maxDatagramBytes: number;

  #period = new Period(0, 0);
  /** What the last period before a probe delivered, and the estimate when the probe began. */
  #steadyBandwidth = 0;
  #probeBandwidth = 0;
  /** Marks of packets below this one have been answered. */
  #markedUntil = 0;

  readonly #random: () => number;
  readonly #rounds = new RoundCounter();
  readonly #path: PathEstimate;
  readonly #probeClock = new ProbeClock();
  readonly #launch = new Launch();
  readonly #limits = new SenderLimits();
  readonly #fall = new FallDetector();
  #fullPipe = new FullPipe();
  #probeRtt = new ProbeRtt();

  /** `random` is uniform in [0, 1): it spreads the probes of flows that share a path. */
  constructor(options: { readonly maxDatagramBytes: number; readonly random: () => number }) {
    this.#maxDatagramBytes = options.maxDatagramBytes;
    this.#random = options.random;
    this.#path = new PathEstimate(options.maxDatagramBytes);
    this.#congestionWindow = this.#launch.windowPackets * options.maxDatagramBytes;
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
    return this.#path.bandwidth;
  }

  /** The loss that the path has whatever we send, 0 to 0.15. */
  get pathLossRatio(): number {
    return this.#path.losses.floorRatio;
  }

  get trainPacketsMin(): number | undefined {
    return this.#fullPipe.isReached ? undefined : BURST_PACKETS;
  }

  get catchUpMs(): number {
    return this.#path.bounds.catchUpMs;
  }

  // RUDP-CC-18, RUDP-CC-19
  onEstablished({ rttMs, hint }: EstablishedEvent): void {
    this.#launch.begin(rttMs, this.#maxDatagramBytes, hint);
    const { initialRate, windowBytes, windowPackets } = this.#launch;
    this.#congestionWindow = Math.max(windowBytes, windowPackets * this.#maxDatagramBytes);
    if (initialRate > 0) this.#pacingRate = initialRate;
  }

  onPacketSent(_event: PacketSentEvent): void {}

  onAcknowledgement(event: AcknowledgementEvent): void {
    this.#rounds.update(event.largestAckedPacketNumber, event.nextPacketNumber);
    if (this.#rounds.isStart) this.#endRound(event);
    this.#followStretch(event);
    this.#measure(event);
    if (this.#state === 'startup') this.#launch.update(event);
    this.#advance(event);
    this.#setPacingRate(event.smoothedRttMs);
    this.#setCongestionWindow(event.ackedBytes);
  }

  onPacketsLost(event: LossEvent): void {
    this.#path.losses.count(0, event);
  }

  /** A mark says what a loss only suggests: a queue stands. It is answered once a round, as excessive loss is, and never compensated. */
  // RUDP-ECN-6
  onCongestionMark(event: CongestionMarkEvent): void {
    if (event.largestAckedPacketNumber < this.#markedUntil) return;
    this.#markedUntil = event.nextPacketNumber;
    if (this.#state === 'startup') this.#leaveStartup(event);
    else if (this.#state === 'up') {
      this.#path.bounds.boundInflight(Math.max(event.bytesInFlight, this.#inflightTarget));
      this.#startCycle('probe-over', event);
    } else if (this.#state === 'cruise' || this.#state === 'refill') {
      this.#path.bounds.yieldBandwidth(this.bandwidth, this.bandwidth);
      this.#step('congestion', event);
    }
  }

  // RUDP-CC-15
  onSpuriousLoss(_now: number, spuriousBytes: number): void {
    this.#path.losses.forgive(spuriousBytes);
    this.#path.bounds.undo();
  }

  /** The path was gone; what comes back may be another one. */
  // RUDP-CC-16
  onPersistentCongestion(_now: number): void {
    this.#congestionWindow = this.#windowMin;
    this.#path.resetBandwidth();
    this.#path.bounds.reset();
    this.#path.losses.startStretch({
      firstPacketNumber: 0,
      pacingGain: GAINS.startup.pacing,
      isBelowCapacity: false,
    });
    this.#fullPipe = new FullPipe();
    this.#state = stepOf(BBR_STATE_TABLE, this.#state, 'persistent-congestion');
  }

  onApplicationLimited(_now: number, _bytesInFlight: number): void {
    this.#limits.onIdle(this.#rounds.count);
  }

  onMaxDatagramSize(bytes: number): void {
    const { windowPackets } = this.#launch;
    const isUntouched = this.#congestionWindow === windowPackets * this.#maxDatagramBytes;
    this.#maxDatagramBytes = bytes;
    this.#path.losses.onMaxDatagramSize(bytes);
    if (isUntouched) this.#congestionWindow = windowPackets * bytes;
  }

  get #isLaunchQueued(): boolean {
    return !this.#limits.isLate(this.#rounds.count) && this.#launch.isQueued(this.#path.minRtt.valueMs);
  }

  // RUDP-CC-3
  get #isStartupOver(): boolean {
    const isFull = this.#path.losses.isOverflow || this.#fullPipe.isReached || this.#isLaunchQueued;
    return isFull || this.#launch.hasFilled(this.#path);
  }

  get #windowMin(): number {
    return WINDOW_PACKETS_MIN * this.#maxDatagramBytes;
  }

  get #inflightTarget(): number {
    return this.#path.inflightBytes ?? this.#congestionWindow;
  }

  #measure(event: AcknowledgementEvent): void {
    if (event.rateSample !== undefined) this.#limits.onSample(event.rateSample.isAppLimited);
    if (event.latestRttMs !== undefined) this.#probeRtt.update(event.latestRttMs);
    const isStartup = this.#state === 'startup';
    this.#period.update(this.#path.update(event, { isStartup, congestionWindow: this.#congestionWindow }));
  }

  #endRound(event: AcknowledgementEvent): void {
    this.#path.startRound();
    const packets = this.#path.losses.windowBytes / this.#maxDatagramBytes;
    const isConclusive = this.#period.isConclusive(event.now, this.#rounds.count, packets);
    const isStartupRound = this.#state === 'startup' && this.#period.ageMs(event.now) >= STARTUP_MS_MIN;
    if (isStartupRound || isConclusive) this.#endPeriod(event);
  }

  /** Judges the period that has just ended, then forgets it. */
  #endPeriod(event: AcknowledgementEvent): void {
    if (this.#state === 'startup') {
      // A queue shows a full pipe even when the application sends less than it might.
      const isQueuedIdle = this.#path.queue.isQueued && this.#limits.isIdle(this.#rounds.count);
      if (!this.#limits.isLimited || isQueuedIdle) this.#fullPipe.onRoundEnd(this.#path);
    } else if (this.#path.losses.pacingGain <= 1) {
      this.#steadyBandwidth = this.#period.bandwidth;
      this.#judgeSteadyPeriod(event);
    }
    this.#path.losses.endWindow(this.#path.queue.occupancy, this.#period.ageMs(event.now));
    this.#path.queue.endPeriod();
    this.#startPeriod(event.now);
  }

  #startPeriod(now: number): void {
    this.#period = new Period(now, this.#rounds.count);
    this.#path.queue.startPeriod();
  }

  /** From some packet on, what is acknowledged was sent in another state. */
  #followStretch(event: AcknowledgementEvent): void {
    const wasProbe = this.#path.losses.pacingGain === GAINS.up.pacing;
    const occupancy = this.#path.queue.occupancy === 'empty' ? 'empty' : 'unknown';
    if (!this.#path.losses.advance(event.largestAckedPacketNumber, occupancy)) return;
    // RUDP-CC-9
    const hasFoundNobody = this.#period.bandwidth < OWN_QUEUE_GAIN * this.#steadyBandwidth;
    if (wasProbe && hasFoundNobody && this.#path.queue.hasRisen) this.#path.minRtt.confirm();
    this.#startPeriod(event.now);
  }

  /** Loss beyond the path's own, or a queue while less arrives than is sent: send less than was delivered, and drain. */
  // RUDP-CC-12
  #judgeSteadyPeriod(event: AcknowledgementEvent): void {
    const delivered = this.#period.bandwidth;
    if (delivered === 0) return;
    const expected = this.#path.losses.pacingGain * this.bandwidth;
    const { isQueued } = this.#path.queue;
    const ageMs = this.#period.ageMs(event.now);
    const { losses, bounds } = this.#path;
    if (!this.#limits.isLimited && this.#fall.judge({ delivered, expected, ageMs, isQueued })) {
      this.#path.resetBandwidth(delivered);
      bounds.yieldBandwidth(delivered, this.bandwidth);
    } else if (losses.isExcessive) {
      bounds.yieldBandwidth(delivered, this.bandwidth, losses.windowRatio);
    } else {
      this.#path.relaxBandwidth(event.nextPacketNumber, GAINS[this.#state].pacing);
      return;
    }
    this.#step('congestion', event);
  }

  #advance(event: AcknowledgementEvent): void {
    // RUDP-CC-9
    if (this.#state !== 'probe-rtt' && this.#path.minRtt.isStale) {
      this.#probeRtt = new ProbeRtt();
      this.#step('min-rtt-stale', event);
    }
    switch (this.#state) {
      case 'startup':
        if (this.#isStartupOver) this.#leaveStartup(event);
        break;
      case 'drain':
        if (event.bytesInFlight <= this.#inflightTarget) this.#enterRefill('queue-drained', event);
        break;
      case 'refill':
        if (this.#rounds.count > this.#stateEnteredRound) this.#enterUp('pipe-filled', event);
        break;
      case 'up':
        this.#probe(event);
        break;
      case 'down':
        this.#settle(event);
        break;
      case 'cruise':
        if (this.#limits.isIdle(this.#rounds.count)) break;
        if (this.#probeClock.isDue(event.now, this.#rounds.count, this.#path.minRtt.valueMs))
          this.#enterRefill('probe-due', event);
        break;
      case 'probe-rtt':
        this.#findMinRtt(event);
    }
  }

  #step(event: BbrEvent, mark: RoundMark): void {
    this.#state = stepOf(BBR_STATE_TABLE, this.#state, event);
    this.#stateEnteredAtMs = mark.now;
    this.#stateEnteredRound = this.#rounds.count;
    this.#path.startStretch(mark.nextPacketNumber, GAINS[this.#state].pacing);
  }

  // RUDP-CC-4
  #leaveStartup(event: RoundMark): void {
    if (this.#path.losses.isOverflow) this.#path.bounds.boundInflight(this.#inflightTarget);
    this.#fullPipe.markReached();
    this.#path.settleBandwidth(this.#isLaunchQueued ? this.#launch.queuedRate : 0);
    this.#step('pipe-full', event);
  }

  #enterRefill(event: BbrEvent, mark: RoundMark): void {
    this.#path.startCycle(mark.now);
    this.#rounds.restart(mark.nextPacketNumber);
    this.#step(event, mark);
  }

  #enterUp(event: BbrEvent, mark: RoundMark): void {
    this.#probeBandwidth = this.bandwidth;
    this.#path.bounds.relaxInflight(this.#inflightTarget, GAINS.up.window * this.#inflightTarget);
    this.#rounds.restart(mark.nextPacketNumber);
    this.#step(event, mark);
  }

  /** Goes up for a round; not longer when the queue overflows. */
  // RUDP-CC-8
  #probe(event: AcknowledgementEvent): void {
    if (this.#path.losses.isExcessive) {
      const atSend = event.rateSample?.inFlightBytesAtSend ?? event.priorBytesInFlight;
      const bytes = Math.max(atSend * (1 - this.#path.losses.windowRatio), this.#inflightTarget);
      this.#path.bounds.boundInflight(bytes);
      this.#startCycle('probe-over', event);
      return;
    }
    if (!this.#rounds.isStart || event.now - this.#stateEnteredAtMs < PROBE_MS_MIN) return;
    this.#rounds.restart(event.nextPacketNumber);
    this.#startCycle('probe-over', event);
  }

  // RUDP-CC-7
  #startCycle(event: BbrEvent, mark: RoundMark): void {
    this.#probeClock.start(mark.now, this.#rounds.count, this.#random());
    this.#step(event, mark);
  }

  /** Drains what the probe has queued; after a probe that found more, the next one follows at once. */
  // RUDP-CC-8
  #settle(event: AcknowledgementEvent): void {
    const rounds = this.#rounds.count - this.#stateEnteredRound;
    if (rounds === 0) return;
    const hasFoundMore = this.bandwidth > FOUND_MORE_GAIN * this.#probeBandwidth;
    if (this.#rounds.isStart && hasFoundMore && !this.#path.bounds.isBandwidthBound) {
      this.#probeClock.hasten();
      this.#enterUp('more-found', event);
      return;
    }
    const target = Math.min(this.#inflightTarget, this.#path.bounds.drainedBytes);
    if (event.bytesInFlight <= target || rounds >= DRAIN_ROUNDS_MAX) this.#step('queue-drained', event);
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
    // Acknowledgements of late packets give no sample: without one there is nothing to go on with.
    if (this.#probeRtt.rttMsMin === Number.POSITIVE_INFINITY) return;
    this.#path.minRtt.replace(event.now, this.#probeRtt.rttMsMin);
    if (this.#fullPipe.isReached) this.#startCycle('min-rtt-found', event);
    else this.#step('min-rtt-found-in-startup', event);
  }

  // RUDP-CC-13
  #setPacingRate(smoothedRttMs: number): void {
    const gain = GAINS[this.#state].pacing - (this.#state === 'cruise' ? this.#path.queue.trim : 0);
    if (this.bandwidth === 0) {
      if (this.#launch.initialRate > 0) return;
      this.#pacingRate = (gain * this.#congestionWindow * 1000) / Math.max(smoothedRttMs, 1);
      return;
    }
    const rate = this.#path.pacingRate(gain);
    const isLaunch = this.#state === 'startup' && this.#path.minRtt.isKnown;
    this.#pacingRate = isLaunch ? this.#launch.rate(rate, this.bandwidth, this.#path.minRtt.valueMs) : rate;
  }

  // RUDP-CC-13
  #setCongestionWindow(ackedBytes: number): void {
    const target = windowTargetBytes(this.#state, this.#path, this.#inflightTarget);
    const grown = this.#congestionWindow + ackedBytes;
    const isCapped = this.#fullPipe.isReached || this.#congestionWindow >= target;
    const launchBytes = this.#state === 'startup' ? this.#launch.windowBytes : 0;
    const window = Math.max(isCapped ? Math.min(grown, target) : grown, launchBytes);
    const bound = windowBoundBytes(this.#path, this.#inflightTarget);
    this.#congestionWindow = Math.max(Math.min(window, bound), this.#windowMin);
  }
}
