import type {
  AcknowledgementEvent,
  CongestionController,
  CongestionMarkEvent,
  LossEvent,
  PacketSentEvent,
} from '../controller.ts';
import { CubicEpoch, MULTIPLICATIVE_DECREASE } from './cubic-epoch.ts';
import { HyStart } from './hystart.ts';
import { LossEpisode } from './loss-episode.ts';
import { ProportionalRateReduction } from './proportional-rate-reduction.ts';
import { WindowUse } from './window-use.ts';

/** RFC 9002 §7.2. */
const WINDOW_PACKETS_INITIAL = 10;
const WINDOW_BYTES_INITIAL_MAX = 14_720;
const WINDOW_PACKETS_MIN = 2;
/** RFC 9002 §7.7: a little faster than the window alone would be, so that the pacer does not hold it back … */
const PACING_GAIN = 1.25;
/** … and twice as fast while the window doubles. */
const SLOW_START_PACING_GAIN = 2;
/** Round trips shorter than this are not told apart. */
const PACING_RTT_MS_MIN = 0.01;

/** The window and what its growth depends on: what a spurious loss must not change. */
interface WindowState {
  readonly windowBytes: number;
  readonly slowStartThreshold: number;
  readonly plateauBytes: number;
  readonly priorWindowBytes: number;
  readonly epoch: CubicEpoch | undefined;
}

/**
 * CUBIC (RFC 9438) with HyStart++ (RFC 9406) and proportional rate reduction (RFC 9937): what most of the Internet runs. It
 * takes every loss for congestion: on a path that loses 1 % whatever is sent it collapses, as the kernel's does.
 */
// RUDP-CUBIC-1
export class CubicController implements CongestionController {
  readonly name = 'cubic';

  #congestionWindow: number;
  #slowStartThreshold = Number.POSITIVE_INFINITY;
  /** W_max of RFC 9438; 0 when no loss has shown one. */
  #plateauBytes = 0;
  #priorWindowBytes = 0;
  #epoch: CubicEpoch | undefined;
  /** Present during a recovery. */
  #recovery: ProportionalRateReduction | undefined;
  readonly #hystart = new HyStart();
  readonly #use = new WindowUse();
  readonly #episode = new LossEpisode<WindowState>();
  /** Persistent congestion was found; the event that tells of the losses comes next. */
  #isCollapsing = false;
  #maxDatagramBytes: number;
  #smoothedRttMs: number | undefined;

  constructor(options: { readonly maxDatagramBytes: number }) {
    this.#maxDatagramBytes = options.maxDatagramBytes;
    this.#congestionWindow = this.#windowInitial;
  }

  get congestionWindow(): number {
    return this.#congestionWindow;
  }

  // RUDP-CUBIC-10
  get pacingRate(): number {
    if (this.#smoothedRttMs === undefined) return Number.POSITIVE_INFINITY;
    // A recovery that has lost much has a small window, which need not leave slowly as well.
    const isRecovery = this.#recovery !== undefined;
    const window = isRecovery
      ? Math.max(this.#congestionWindow, this.#slowStartThreshold)
      : this.#congestionWindow;
    const isDoubling = this.isSlowStart && !this.#hystart.isConservative;
    const gain = isDoubling ? SLOW_START_PACING_GAIN : PACING_GAIN;
    return (gain * window * 1000) / Math.max(this.#smoothedRttMs, PACING_RTT_MS_MIN);
  }

  /** For logs and tests. */
  get isSlowStart(): boolean {
    return this.#recovery === undefined && this.#congestionWindow < this.#slowStartThreshold;
  }

  /** For logs and tests. */
  get isRecovery(): boolean {
    return this.#recovery !== undefined;
  }

  /** In bytes; Infinity during the first slow start. */
  get slowStartThreshold(): number {
    return this.#slowStartThreshold;
  }

  onPacketSent(event: PacketSentEvent): void {
    this.#recovery?.onSent(event.bytes);
    const limitedMs = this.#use.onPacketSent(event, {
      windowBytes: this.#congestionWindow,
      maxDatagramBytes: this.#maxDatagramBytes,
    });
    this.#epoch?.leaveOut(limitedMs);
  }

  onAcknowledgement(event: AcknowledgementEvent): void {
    this.#smoothedRttMs = event.smoothedRttMs;
    if (this.#recovery !== undefined && this.#episode.isEndedBy(event.largestAckedPacketNumber)) {
      this.#leaveRecovery();
    }
    this.#noteLosses(event, event.priorBytesInFlight);
    if (this.#recovery === undefined) this.#grow(event);
    else this.#followRecovery(this.#recovery, event.ackedBytes, event);
  }

  onPacketsLost(event: LossEvent): void {
    this.#noteLosses(event, event.bytesInFlight + event.lostBytes);
    if (this.#recovery !== undefined) this.#followRecovery(this.#recovery, 0, event);
  }

  // RUDP-ECN-6
  onCongestionMark(event: CongestionMarkEvent): void {
    if (!this.#episode.isNew(event.largestAckedPacketNumber)) return;
    this.#reduce(event, event.bytesInFlight);
    // Nothing is lost that might turn out not to be: the network's own word stands.
    this.#episode.forbidUndo();
  }

  // RUDP-CUBIC-9
  onSpuriousLoss(_now: number, spuriousBytes: number, smallestPacketNumber: number): void {
    const replaced = this.#episode.onSpurious(spuriousBytes, smallestPacketNumber);
    if (replaced === undefined) return;
    this.#recovery = undefined;
    this.#congestionWindow = Math.max(this.#congestionWindow, replaced.windowBytes);
    this.#slowStartThreshold = replaced.slowStartThreshold;
    this.#plateauBytes = replaced.plateauBytes;
    this.#priorWindowBytes = replaced.priorWindowBytes;
    this.#epoch = replaced.epoch;
  }

  // RUDP-CUBIC-8
  onPersistentCongestion(_now: number): void {
    if (this.#isCollapsing) return;
    this.#isCollapsing = true;
    if (this.#recovery === undefined) this.#slowStartThreshold = this.#reducedWindow;
    this.#recovery = undefined;
    this.#epoch = undefined;
    this.#plateauBytes = 0;
    this.#congestionWindow = this.#windowMin;
  }

  onApplicationLimited(now: number, _bytesInFlight: number): void {
    this.#use.onApplicationLimited(now);
  }

  // RUDP-CUBIC-11
  onMaxDatagramSize(bytes: number): void {
    const isUntouched = this.#congestionWindow === this.#windowInitial;
    this.#maxDatagramBytes = bytes;
    const window = isUntouched ? this.#windowInitial : this.#congestionWindow;
    this.#congestionWindow = Math.max(window, this.#windowMin);
  }

  get #windowInitial(): number {
    return Math.min(
      WINDOW_PACKETS_INITIAL * this.#maxDatagramBytes,
      Math.max(WINDOW_BYTES_INITIAL_MAX, this.#windowMin),
    );
  }

  get #windowMin(): number {
    return WINDOW_PACKETS_MIN * this.#maxDatagramBytes;
  }

  get #reducedWindow(): number {
    return Math.max(MULTIPLICATIVE_DECREASE * this.#congestionWindow, this.#windowMin);
  }

  #noteLosses(event: AcknowledgementEvent | LossEvent, flightBytes: number): void {
    if (this.#isCollapsing) {
      this.#isCollapsing = false;
      this.#episode.start(event.nextPacketNumber, undefined);
    }
    if (event.lostPackets === 0) return;
    if (this.#episode.isNew(event.largestLostPacketNumber)) this.#reduce(event, flightBytes);
    this.#episode.onLost(event.lostBytes);
  }

  // RUDP-CUBIC-4
  #reduce(event: { readonly nextPacketNumber: number }, flightBytes: number): void {
    const window = this.#congestionWindow;
    this.#episode.start(event.nextPacketNumber, {
      windowBytes: window,
      slowStartThreshold: this.#slowStartThreshold,
      plateauBytes: this.#plateauBytes,
      priorWindowBytes: this.#priorWindowBytes,
      epoch: this.#epoch,
    });
    const isYielding = window < this.#plateauBytes;
    this.#plateauBytes = isYielding ? (window * (1 + MULTIPLICATIVE_DECREASE)) / 2 : window;
    this.#priorWindowBytes = window;
    this.#slowStartThreshold = this.#reducedWindow;
    this.#epoch = undefined;
    const thresholdBytes = this.#slowStartThreshold;
    this.#recovery = new ProportionalRateReduction({ flightBytes, thresholdBytes });
  }

  #followRecovery(
    recovery: ProportionalRateReduction,
    deliveredBytes: number,
    event: AcknowledgementEvent | LossEvent,
  ): void {
    const window = recovery.windowAfter({
      deliveredBytes,
      bytesInFlight: event.bytesInFlight,
      isSafe: event.lostPackets === 0 && deliveredBytes > 0,
      maxDatagramBytes: this.#maxDatagramBytes,
    });
    this.#congestionWindow = Math.max(window, this.#windowMin);
  }

  #leaveRecovery(): void {
    this.#recovery = undefined;
    this.#congestionWindow = this.#slowStartThreshold;
  }

  // RUDP-CUBIC-5
  #grow(event: AcknowledgementEvent): void {
    if (!this.#use.wasFull(event.largestAckedPacketNumber)) return;
    if (this.isSlowStart) {
      this.#growFast(event);
      return;
    }
    this.#epoch ??= this.#startEpoch(event.now);
    this.#congestionWindow = this.#epoch.grow(this.#congestionWindow, event);
  }

  // RUDP-CUBIC-6
  #growFast(event: AcknowledgementEvent): void {
    if (this.#slowStartThreshold !== Number.POSITIVE_INFINITY) {
      this.#congestionWindow = Math.min(this.#congestionWindow + event.ackedBytes, this.#slowStartThreshold);
      return;
    }
    this.#hystart.update(event);
    this.#congestionWindow += this.#hystart.growthFor(event.ackedBytes);
    if (this.#hystart.isOver) this.#slowStartThreshold = this.#congestionWindow;
  }

  #startEpoch(startMs: number): CubicEpoch {
    const windowBytes = this.#congestionWindow;
    // Without a loss to go by, or after a collapse, the curve begins at its plateau (RFC 9438 §4.8, §4.10).
    this.#plateauBytes = Math.max(this.#plateauBytes, windowBytes);
    return new CubicEpoch({
      startMs,
      windowBytes,
      plateauBytes: this.#plateauBytes,
      priorWindowBytes: this.#priorWindowBytes,
      maxDatagramBytes: this.#maxDatagramBytes,
    });
  }
}
