/** Packets over which the path's own loss is averaged: 50 losses at 2.5 %. */
const FLOOR_PACKETS = 2000;
/** What is known of the path's own loss fades with every period that found a queue. */
const FLOOR_DECAY = 0.97;
/** Shorter periods count for the part of this that they last: their queues are mostly our own trains. */
const FLOOR_DECAY_MS = 50;
/** Weight of the assumption "no loss" before anything has been measured. */
const PRIOR_PACKETS = 20;
/** Loss above the path's own that counts as ours (draft-ietf-ccwg-bbr: LossThresh). */
const EXCESS_RATIO_MAX = 0.02;
/** A signal stands out from chance by this many standard deviations: it is looked for at every ACK. */
const DEVIATIONS = 4;
/** Chance is never taken to be smaller than that of this loss. */
const RATIO_NOISE_MIN = 0.01;
/** Fewer lost packets than this are never a signal. */
const EXCESS_PACKETS_MIN = 4;
/** More than this is never taken for the path's own: crowds of flows in a short queue would lose ever more to make up for it. */
const FLOOR_RATIO_MAX = 0.15;

/** Startup ends at once at this much loss above the path's own, seen over this many packets. */
const OVERFLOW_RATIO_MIN = 0.2;
const OVERFLOW_PACKETS_MIN = 100;

/** Bytes of a stretch of packets that arrived and that did not. */
export interface LossCount {
  ackedBytes: number;
  lostBytes: number;
}

/** Packets that were declared lost together. */
export interface LostPackets {
  readonly lostBytes: number;
  readonly largestLostPacketNumber: number;
}

/** What a period's smallest RTT says about the queue. */
export type Occupancy = 'empty' | 'occupied' | 'unknown';

/** Packets that were sent in one way. */
interface Stretch {
  readonly firstPacketNumber: number;
  /** Multiple of the estimated bandwidth. */
  readonly pacingGain: number;
  /** More slowly than the path was known to deliver. */
  readonly isBelowCapacity: boolean;
}

/**
 * Tells the loss that we cause from the loss that the path has anyway.
 *
 * A queue only overflows when more comes in than goes out. What is lost of the packets that we sent more slowly than the path
 * delivers is therefore not our doing: the *floor*. What is lost above the floor, when we send faster, is congestion.
 */
// RUDP-CC-10
export class LossMeter {
  #stretches: Stretch[] = [
    { firstPacketNumber: 0, pacingGain: Number.POSITIVE_INFINITY, isBelowCapacity: false },
  ];
  #floorSentBytes = 0;
  #floorLostBytes = 0;
  #window: LossCount = { ackedBytes: 0, lostBytes: 0 };
  /** What was lost of the stretch before this one is the path's own. */
  #isLastLearned = false;
  /** The same of the last period, which may have been a part of this stretch. */
  #isLastPeriodLearned = false;
  #maxDatagramBytes: number;

  constructor(maxDatagramBytes: number) {
    this.#maxDatagramBytes = maxDatagramBytes;
  }

  /** The path's own loss, 0 to 0.15. */
  get floorRatio(): number {
    const prior = PRIOR_PACKETS * this.#maxDatagramBytes;
    return Math.min(FLOOR_RATIO_MAX, this.#floorLostBytes / (this.#floorSentBytes + prior));
  }

  /** What the current stretch or round has seen so far. */
  get window(): LossCount {
    return { ...this.#window };
  }

  /** Bytes of the window whose fate is known. */
  get windowBytes(): number {
    return this.#window.ackedBytes + this.#window.lostBytes;
  }

  /** Loss of the current stretch or round, 0 to 1. */
  get windowRatio(): number {
    const total = this.windowBytes;
    return total === 0 ? 0 : this.#window.lostBytes / total;
  }

  /** Whether the current round lost significantly more than the path loses anyway. */
  // RUDP-CC-11
  get isExcessive(): boolean {
    if (this.#window.lostBytes < EXCESS_PACKETS_MIN * this.#maxDatagramBytes) return false;
    const packets = this.windowBytes / this.#maxDatagramBytes;
    const floor = this.floorRatio;
    const spread = Math.max(floor, RATIO_NOISE_MIN);
    const noise = Math.sqrt((spread * (1 - spread)) / packets);
    return this.windowRatio > floor + EXCESS_RATIO_MAX + DEVIATIONS * noise;
  }

  /** Whether so much is no more than what the path loses anyway, as far as that is known now. */
  explains(lossRatio: number): boolean {
    return lossRatio <= this.floorRatio + EXCESS_RATIO_MAX;
  }

  /** Loss that only a queue which takes next to nothing more can explain: no need to wait for the end of the round. */
  get isOverflow(): boolean {
    const packets = this.windowBytes / this.#maxDatagramBytes;
    return packets >= OVERFLOW_PACKETS_MIN && this.windowRatio > this.floorRatio + OVERFLOW_RATIO_MIN;
  }

  onMaxDatagramSize(bytes: number): void {
    this.#maxDatagramBytes = bytes;
  }

  /** Multiple of the bandwidth at which the packets left that are being acknowledged now. */
  get pacingGain(): number {
    return this.#stretches[0]?.pacingGain ?? Number.POSITIVE_INFINITY;
  }

  /** Packets from `firstPacketNumber` on leave in another way. */
  startStretch(stretch: Stretch): void {
    this.#stretches.push(stretch);
  }

  /** Moves on to the stretch that is being acknowledged; true when it is another one than before. */
  advance(largestAckedPacketNumber: number, occupancy: Occupancy): boolean {
    let hasChanged = false;
    while ((this.#stretches[1]?.firstPacketNumber ?? Number.POSITIVE_INFINITY) <= largestAckedPacketNumber) {
      this.#isLastLearned = this.endWindow(occupancy);
      this.#stretches.shift();
      hasChanged = true;
    }
    return hasChanged;
  }

  /**
   * Counts one ACK frame, or a loss timer. What was lost at the end of a stretch is told when packets of the next have arrived, and is
   * not the doing of that.
   */
  count(ackedBytes: number, { lostBytes, largestLostPacketNumber }: LostPackets): void {
    this.#window.ackedBytes += ackedBytes;
    const isOfThisStretch = largestLostPacketNumber >= (this.#stretches[0]?.firstPacketNumber ?? 0);
    if (isOfThisStretch) this.#window.lostBytes += lostBytes;
    else if (this.#isLastLearned) this.learn({ ackedBytes: 0, lostBytes });
  }

  /**
   * A period ends. What was lost below capacity on an empty path belongs to the path; with a queue, others may be the ones that
   * make it overflow, and what is known fades. True when it was the path's.
   */
  endWindow(occupancy: Occupancy, ageMs = 0): boolean {
    const isLearned = occupancy === 'empty' && this.#stretches[0]?.isBelowCapacity === true;
    if (isLearned) this.learn(this.#window);
    this.#isLastPeriodLearned = isLearned;
    if (occupancy === 'occupied') this.#floorLostBytes *= FLOOR_DECAY ** Math.min(1, ageMs / FLOOR_DECAY_MS);
    this.#window = { ackedBytes: 0, lostBytes: 0 };
    return isLearned;
  }

  /**
   * Packets counted as lost arrived after all: those of this period, or else of the last. What that has not taught is not taken from
   * the floor: a queue that grows makes hundreds of packets late, and all that is known of the path would be forgotten.
   */
  // RUDP-CC-15
  forgive(bytes: number): void {
    const ofWindow = Math.min(bytes, this.#window.lostBytes);
    this.#window.lostBytes -= ofWindow;
    if (this.#isLastPeriodLearned)
      this.#floorLostBytes = Math.max(0, this.#floorLostBytes - (bytes - ofWindow));
  }

  /** Counts a stretch of packets as the path's own loss. */
  learn(count: LossCount): void {
    this.#floorSentBytes += count.ackedBytes + count.lostBytes;
    this.#floorLostBytes += count.lostBytes;
    const limit = FLOOR_PACKETS * this.#maxDatagramBytes;
    if (this.#floorSentBytes <= limit) return;
    this.#floorLostBytes *= limit / this.#floorSentBytes;
    this.#floorSentBytes = limit;
  }
}
