import type { PacketArrival } from '../acknowledgement/ack-timing.ts';
import type { PathHint } from '../handshake/path-hint.ts';
import type { RateSample } from '../recovery/delivery-rate.ts';
import type { CongestionControllerName } from './names.ts';

/** One ack-eliciting packet has been handed to the network. */
export interface PacketSentEvent {
  /** Monotonic time in milliseconds, fractional. */
  readonly now: number;
  readonly packetNumber: number;
  /** UDP payload bytes of this packet. */
  readonly bytes: number;
  /** Bytes in flight, this packet included. */
  readonly bytesInFlight: number;
}

/** A point between two packets: those from `nextPacketNumber` on leave after it. */
export type RoundMark = { readonly now: number; readonly nextPacketNumber: number };

/** One ACK frame has been processed, the losses that it revealed included. */
export interface AcknowledgementEvent {
  readonly now: number;
  /** Bytes newly acknowledged by this frame. */
  readonly ackedBytes: number;
  /** Bytes declared lost because of this frame. */
  readonly lostBytes: number;
  /** Number of packets in `lostBytes`. */
  readonly lostPackets: number;
  /** The last of the packets in `lostBytes`; meaningless when there are none. */
  readonly largestLostPacketNumber: number;
  /** Bytes in flight before the frame came. */
  readonly priorBytesInFlight: number;
  /** Bytes in flight now. */
  readonly bytesInFlight: number;
  readonly largestAckedPacketNumber: number;
  /** Packet number that the next packet will get: a round ends when a packet sent after this moment is acknowledged. */
  readonly nextPacketNumber: number;
  /**
   * RTT sample of this frame in milliseconds, without the time for which the receiver held the packet; undefined when the largest
   * acknowledged packet was not newly acknowledged.
   */
  readonly latestRttMs: number | undefined;
  /** When packets of the frame arrived, the largest last; empty when the peer does not say, or as with `latestRttMs`. */
  readonly arrivals: readonly PacketArrival[];
  readonly smoothedRttMs: number;
  readonly minRttMs: number;
  /** Delivery rate measured by this frame (draft-cheng-iccrg-delivery-rate-estimation); undefined when it gave none. */
  readonly rateSample: RateSample | undefined;
}

/** The handshake is done. */
export interface EstablishedEvent {
  readonly now: number;
  /** The handshake's round trip in milliseconds; the smallest that it can have been when packets of it left more than once. */
  readonly rttMs: number;
  /** What an earlier connection has measured. */
  readonly hint: PathHint | undefined;
}

/** Packets were declared lost by a timer, without an ACK frame. */
export interface LossEvent {
  readonly now: number;
  readonly lostBytes: number;
  readonly lostPackets: number;
  readonly bytesInFlight: number;
  readonly largestLostPacketNumber: number;
  readonly nextPacketNumber: number;
}

/** The peer has received packets that the network has marked instead of dropping them, for the first time in a frame. */
export interface CongestionMarkEvent {
  readonly now: number;
  readonly bytesInFlight: number;
  readonly largestAckedPacketNumber: number;
  readonly nextPacketNumber: number;
}

/**
 * Decides how much may be in flight and how fast it leaves. Pure: time comes with each event, randomness through the
 * constructor. The connection calls every method; a controller calls nothing back.
 */
export interface CongestionController {
  readonly name: CongestionControllerName;
  /** Bytes that may be in flight. */
  readonly congestionWindow: number;
  /** Bytes per second at which packets leave; Infinity turns pacing off. */
  readonly pacingRate: number;
  /** Estimated bytes per second of the path, 0 before there is an estimate; absent when the controller has none. */
  readonly bandwidth?: number | undefined;
  /** The controller's word for what it is doing, for observers; absent when it has but one state. */
  readonly state?: string | undefined;
  /** Datagrams that leave together at least; absent when the pacer may choose. */
  readonly trainPacketsMin?: number | undefined;
  /** Milliseconds of sending that a sender which wakes up late may catch up with at once; absent when the pacer may choose. */
  readonly catchUpMs?: number | undefined;
  /** Comes before the first packet that is counted as in flight. */
  onEstablished?(event: EstablishedEvent): void;
  onPacketSent(event: PacketSentEvent): void;
  onAcknowledgement(event: AcknowledgementEvent): void;
  onPacketsLost(event: LossEvent): void;
  /** A queue on the path asks for less (RFC 9002 §7.1); comes right after the acknowledgement that reports it. */
  onCongestionMark(event: CongestionMarkEvent): void;
  /** Packets declared lost were acknowledged after all (RFC 9002 leaves the undo to the sender). */
  onSpuriousLoss(now: number, spuriousBytes: number, smallestPacketNumber: number): void;
  /** Every packet over a period of 3 × PTO was lost (RFC 9002 §7.6). */
  onPersistentCongestion(now: number): void;
  /** The sender ran out of data, not of window (draft-ietf-ccwg-bbr, application-limited). */
  onApplicationLimited(now: number, bytesInFlight: number): void;
  /** The path's packet size changed, in UDP payload bytes. */
  onMaxDatagramSize(bytes: number): void;
}
