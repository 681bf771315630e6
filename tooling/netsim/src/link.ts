import type { EcnMark } from './endpoint.ts';
import { type LinkOptions, type ResolvedLinkOptions, resolveLinkOptions } from './link-options.ts';
import { createLossProcess, type LossProcess } from './loss-model.ts';
import type { Random } from './random.ts';

/** Why a link did not deliver a packet. */
export type LinkDrop =
  /** Larger than the MTU. */
  | 'too-big'
  /** No room in the queue in front of the line. */
  | 'queue-full'
  /** Sent during an outage. */
  | 'outage'
  /** The `drop` predicate said so. */
  | 'scripted'
  /** The loss model said so. */
  | 'loss';

/** One arrival at the far end. The bytes are nobody else's. */
export interface Delivery {
  readonly atMs: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly mark: EcnMark;
}

/** What became of one packet. */
export interface Transmission {
  readonly fate: 'delivered' | LinkDrop;
  /** None when dropped, two when duplicated. */
  readonly deliveries: readonly Delivery[];
  readonly isCorrupted: boolean;
  readonly isHeldBack: boolean;
}

/** What a link did so far. Bytes count the packets without their overhead. */
export interface LinkCounters {
  packetsOffered: number;
  bytesOffered: number;
  /** Arrivals, copies included. */
  packetsDelivered: number;
  bytesDelivered: number;
  packetsDropped: Record<LinkDrop, number>;
  packetsDuplicated: number;
  packetsCorrupted: number;
  packetsHeldBack: number;
  /** Marked instead of dropped. */
  packetsMarked: number;
  /** The fullest the queue ever was, overhead included. */
  queueBytesPeak: number;
}

/**
 * One direction of a path, without I/O: a packet goes in at a time, what comes out is when and whether it arrives.
 *
 * The order of things: MTU, drop-tail queue, line (rate), then the wire (outage, script, loss, corruption, duplication),
 * then delay, jitter and hold-back. A packet lost on the wire has used its share of the line, one that finds the queue
 * full has not. The queue is virtual: it is the time until which the line is booked.
 *
 * Each kind of fault draws from its own random source, so turning one knob leaves the other faults where they were.
 */
export class Link {
  readonly counters: LinkCounters = {
    packetsOffered: 0,
    bytesOffered: 0,
    packetsDelivered: 0,
    bytesDelivered: 0,
    packetsDropped: { 'too-big': 0, 'queue-full': 0, outage: 0, scripted: 0, loss: 0 },
    packetsDuplicated: 0,
    packetsCorrupted: 0,
    packetsHeldBack: 0,
    packetsMarked: 0,
    queueBytesPeak: 0,
  };
  readonly #random: {
    loss: Random;
    corruption: Random;
    duplication: Random;
    holdBack: Random;
    jitter: Random;
  };
  #given: LinkOptions;
  #options: ResolvedLinkOptions;
  #isLost: LossProcess;
  #lineFreeAtMs = Number.NEGATIVE_INFINITY;
  #lastInOrderAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: LinkOptions, random: Random) {
    this.#random = {
      loss: random.fork('loss'),
      corruption: random.fork('corruption'),
      duplication: random.fork('duplication'),
      holdBack: random.fork('hold-back'),
      jitter: random.fork('jitter'),
    };
    this.#given = options;
    this.#options = resolveLinkOptions(options);
    this.#isLost = createLossProcess(this.#options.loss, this.#random.loss);
  }

  /** The options now in force. */
  get options(): ResolvedLinkOptions {
    return this.#options;
  }

  /** Changes some options. Packets that are on their way, or have booked the line, are not affected. */
  configure(changes: LinkOptions): void {
    this.#given = { ...this.#given, ...changes };
    this.#options = resolveLinkOptions(this.#given);
    if ('loss' in changes) this.#isLost = createLossProcess(this.#options.loss, this.#random.loss);
  }

  /** Takes a packet at time `now`. The bytes belong to the link from here on. */
  transmit(now: number, bytes: Uint8Array<ArrayBuffer>, mark: EcnMark = 0): Transmission {
    const { counters } = this;
    const index = counters.packetsOffered++;
    counters.bytesOffered += bytes.length;
    const isScripted = this.#options.drop(index, bytes);
    const queueBytes = this.#queueBytesAt(now);
    const sentAtMs = this.#bookLine(now, bytes.length + this.#options.overheadBytes);
    if (typeof sentAtMs === 'string') return this.#drop(sentAtMs);
    // Drawn for every packet that reaches the wire, so that a script or an outage does not shift later losses.
    const isLost = this.#isLost();
    if (this.#isOutage(sentAtMs)) return this.#drop('outage');
    if (isScripted) return this.#drop('scripted');
    if (isLost) return this.#drop('loss');
    return this.#deliver(sentAtMs, bytes, this.#markAfter(mark, queueBytes));
  }

  /** When the last bit of a packet leaves, or why it never does. */
  #bookLine(now: number, sizeBytes: number): number | 'too-big' | 'queue-full' {
    const { mtuBytes, rateBitsPerSecond, queueBytesMax } = this.#options;
    if (sizeBytes > mtuBytes) return 'too-big';
    if (rateBitsPerSecond === Number.POSITIVE_INFINITY) return Math.max(now, this.#lineFreeAtMs);
    const bytesPerMs = rateBitsPerSecond / 8000;
    const freeAtMs = Math.max(now, this.#lineFreeAtMs);
    const queueBytes = (freeAtMs - now) * bytesPerMs + sizeBytes;
    // A thousandth of a byte of tolerance: times are fractions, and n packets must fit a queue of exactly n packets.
    if (queueBytes > queueBytesMax + 0.001) return 'queue-full';
    this.counters.queueBytesPeak = Math.max(this.counters.queueBytesPeak, Math.round(queueBytes));
    this.#lineFreeAtMs = freeAtMs + sizeBytes / bytesPerMs;
    return this.#lineFreeAtMs;
  }

  /** What waits for the line. */
  #queueBytesAt(now: number): number {
    const { rateBitsPerSecond } = this.#options;
    if (rateBitsPerSecond === Number.POSITIVE_INFINITY) return 0;
    return Math.max(0, (this.#lineFreeAtMs - now) * (rateBitsPerSecond / 8000));
  }

  #markAfter(mark: EcnMark, queueBytes: number): EcnMark {
    const { marks, markQueueBytes } = this.#options;
    if (mark === 0 || marks === 'erased') return 0;
    if (queueBytes <= markQueueBytes) return mark;
    this.counters.packetsMarked++;
    return 3;
  }

  #isOutage(atMs: number): boolean {
    return this.#options.outages.some(({ fromMs, untilMs }) => atMs >= fromMs && atMs < untilMs);
  }

  #drop(reason: LinkDrop): Transmission {
    this.counters.packetsDropped[reason]++;
    return { fate: reason, deliveries: [], isCorrupted: false, isHeldBack: false };
  }

  #deliver(sentAtMs: number, bytes: Uint8Array<ArrayBuffer>, mark: EcnMark): Transmission {
    const { corruptRatio, duplicateRatio } = this.#options;
    const isCorrupted = this.#random.corruption.chance(corruptRatio) && bytes.length > 0;
    if (isCorrupted) {
      flipBit(bytes, this.#random.corruption);
      this.counters.packetsCorrupted++;
    }
    const isDuplicated = this.#random.duplication.chance(duplicateRatio);
    const original = this.#arrival(sentAtMs);
    const deliveries = [this.#delivery(original.atMs, bytes, mark)];
    if (isDuplicated) {
      this.counters.packetsDuplicated++;
      deliveries.push(this.#delivery(this.#arrival(sentAtMs).atMs, bytes.slice(), mark));
    }
    return { fate: 'delivered', deliveries, isCorrupted, isHeldBack: original.isHeldBack };
  }

  #delivery(atMs: number, bytes: Uint8Array<ArrayBuffer>, mark: EcnMark): Delivery {
    this.counters.packetsDelivered++;
    this.counters.bytesDelivered += bytes.length;
    return { atMs, bytes, mark };
  }

  #arrival(sentAtMs: number): { atMs: number; isHeldBack: boolean } {
    const { delayMs, jitterMs, keepsOrder, reorderRatio, holdBackMs } = this.#options;
    const atMs = sentAtMs + delayMs + this.#random.jitter.ratio() * jitterMs;
    if (this.#random.holdBack.chance(reorderRatio)) {
      this.counters.packetsHeldBack++;
      return { atMs: atMs + holdBackMs, isHeldBack: true };
    }
    if (!keepsOrder) return { atMs, isHeldBack: false };
    this.#lastInOrderAtMs = Math.max(this.#lastInOrderAtMs, atMs);
    return { atMs: this.#lastInOrderAtMs, isHeldBack: false };
  }
}

function flipBit(bytes: Uint8Array, random: Random): void {
  const index = random.integer(0, bytes.length - 1);
  bytes[index] = (bytes[index] as number) ^ (1 << random.integer(0, 7));
}
