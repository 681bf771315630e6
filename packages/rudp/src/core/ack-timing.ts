import type { AckFrame } from './ack-frame.ts';
import type { RttEstimator } from './rtt-estimator.ts';
import type { SentPackets } from './sent-packets.ts';

/** When the largest packet of an ACK frame left and arrived, each on the clock of that side. */
export interface PacketArrival {
  readonly packetNumber: number;
  readonly sentAtMs: number;
  /** On the peer's clock: only differences mean something. */
  readonly receivedAtMs: number;
  /** Bytes that the peer has acknowledged in all, those of this frame included. */
  readonly deliveredBytes: number;
}

/** Values of the RECEIVE-TIME field: it counts microseconds and begins anew after 71 minutes. */
const timeSpanUs = 2 ** 32;

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

  /** Takes the RTT sample of a frame that newly acknowledges its largest packet, and returns it. */
  sampleRtt(now: number, frame: AckFrame, ackDelayMsMax: number): number {
    const latestMs = now - this.#sentAtMs(frame.largest);
    this.#rtt.update(latestMs, Math.min(frame.delayMs, ackDelayMsMax));
    return latestMs;
  }

  /** When the frame's largest packet arrived, when the peer says so. */
  // RUDP-ACK-7
  arrivalOf(frame: AckFrame, deliveredBytes: number): PacketArrival | undefined {
    if (frame.receivedAtUs === undefined) return undefined;
    return {
      packetNumber: frame.largest,
      sentAtMs: this.#sentAtMs(frame.largest),
      receivedAtMs: this.#unwrapped(frame.receivedAtUs) / 1000,
      deliveredBytes,
    };
  }

  #sentAtMs(packetNumber: number): number {
    return this.#packets.sentAtMs[this.#packets.slotOf(packetNumber)] as number;
  }

  /** Acknowledgements overtake each other: the value nearest to the last one is meant. */
  #unwrapped(receivedAtUs: number): number {
    const latestUs = this.#latestUs ?? receivedAtUs;
    if (receivedAtUs - latestUs < -timeSpanUs / 2) this.#epochUs += timeSpanUs;
    else if (receivedAtUs - latestUs > timeSpanUs / 2) this.#epochUs -= timeSpanUs;
    this.#latestUs = receivedAtUs;
    return this.#epochUs + receivedAtUs;
  }
}
