import type { AckFrame } from '../frames/ack-frame.ts';
import type { RttEstimator } from '../recovery/rtt-estimator.ts';
import { PacketFate, type SentPackets } from '../recovery/sent-packets.ts';

/** When a packet of an ACK frame left and arrived, each on the clock of that side. */
export interface PacketArrival {
  readonly packetNumber: number;
  readonly sentAtMs: number;
  /** On the peer's clock: only differences mean something. */
  readonly receivedAtMs: number;
  /** Bytes that had arrived in all, this packet included. */
  readonly deliveredBytes: number;
}

/** What most ACKs say of arrivals. */
export const NO_ARRIVALS: readonly PacketArrival[] = [];

/** Values of the RECEIVE-TIME field: it counts microseconds and begins anew after 71 minutes. */
const TIME_SPAN_US = 2 ** 32;

/** What the times of acknowledgements tell: the round trip, and when packets arrived at the other end. */
export class AckTiming {
  readonly #packets: SentPackets;
  readonly #rtt: RttEstimator;
  #latestUs: number | undefined;
  #epochUs = 0;

  constructor(packets: SentPackets, rtt: RttEstimator) {
    this.#packets = packets;
    this.#rtt = rtt;
  }

  /**
   * Takes the RTT sample of a frame that newly acknowledges its largest packet, and returns what of it was the path's: without the
   * time for which the peer held the packet, however long. A peer that stalls does not look like a queue.
   */
  // RUDP-RTT-4
  sampleRtt(now: number, frame: AckFrame, ackDelayMsMax: number): number {
    const latestMs = Math.max(0, Math.min(now, frame.arrivedAtMs) - this.#sentAtMs(frame.largest));
    this.#rtt.update(latestMs, Math.min(frame.delayMs, ackDelayMsMax));
    return Math.max(latestMs - frame.delayMs, this.#rtt.minMs);
  }

  /** When the largest packet of the frame arrived, on the peer's clock; undefined when the frame does not say. */
  receivedAtMs({ receiveTime }: AckFrame): number | undefined {
    return receiveTime && this.#unwrapped(receiveTime.microseconds) / 1000;
  }

  /** When packets of the frame arrived, as far as the peer says so, the oldest first. `deliveredBytes` are acknowledged in all, by this frame too. */
  // RUDP-ACK-7, RUDP-ACK-8
  arrivalsOf(frame: AckFrame, deliveredBytes: number): readonly PacketArrival[] {
    const { largest, receiveTime } = frame;
    const receivedAtMs = this.receivedAtMs(frame);
    if (receiveTime === undefined || receivedAtMs === undefined) return NO_ARRIVALS;
    let next: PacketArrival = {
      packetNumber: largest,
      sentAtMs: this.#sentAtMs(largest),
      receivedAtMs,
      deliveredBytes,
    };
    const newestFirst = [next];
    // Backwards, each packet looked at once, whatever numbers the peer makes up.
    for (const { packetsBelow, microsecondsBefore } of receiveTime.earlier.toReversed()) {
      const packetNumber = largest - packetsBelow;
      if (packetNumber < this.#packets.oldest || packetNumber >= next.packetNumber) continue;
      next = {
        packetNumber,
        sentAtMs: this.#sentAtMs(packetNumber),
        receivedAtMs: receivedAtMs - microsecondsBefore / 1000,
        deliveredBytes:
          next.deliveredBytes - this.#acknowledgedBytes(packetNumber + 1, next.packetNumber + 1),
      };
      newestFirst.push(next);
    }
    return newestFirst.reverse();
  }

  /** Bytes of the packets from `start` to below `end` that have arrived. */
  #acknowledgedBytes(start: number, end: number): number {
    let sum = 0;
    for (let number = start; number < end; number += 1) {
      const slot = this.#packets.slotOf(number);
      if (this.#packets.fate[slot] === PacketFate.acknowledged) sum += this.#packets.bytes[slot] as number;
    }
    return sum;
  }

  #sentAtMs(packetNumber: number): number {
    return this.#packets.sentAtMs[this.#packets.slotOf(packetNumber)] as number;
  }

  /** Acknowledgements overtake each other: the value nearest to the last one is meant. */
  #unwrapped(receivedAtUs: number): number {
    const latestUs = this.#latestUs ?? receivedAtUs;
    if (receivedAtUs - latestUs < -TIME_SPAN_US / 2) this.#epochUs += TIME_SPAN_US;
    else if (receivedAtUs - latestUs > TIME_SPAN_US / 2) this.#epochUs -= TIME_SPAN_US;
    this.#latestUs = receivedAtUs;
    return this.#epochUs + receivedAtUs;
  }
}
