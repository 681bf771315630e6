import type { ReceiveTime } from './acknowledgement/receive-time.ts';
import type { ConnectionParts } from './connection-parts.ts';
import { AckFrame } from './frames/ack-frame.ts';
import { decodeFrames, type FrameHandler } from './frames/frames.ts';
import { observeMetrics } from './observer.ts';
import type { Paths } from './paths/paths.ts';
import type { PacketOutcomes } from './recovery/packet-outcomes.ts';
import type { ByteReader } from './structures/byte-reader.ts';

/** What one packet's frames amounted to, beside their effects on the parts. */
export class FrameReceiver implements FrameHandler {
  readonly ackFrame = new AckFrame();
  readonly #parts: ConnectionParts;
  readonly #outcomes: PacketOutcomes;
  readonly #paths: Paths;
  readonly #ackDelayMsMax: number;
  #now = 0;
  /** The packet asks for an acknowledgement. */
  isAckEliciting = false;
  /** The packet carries nothing but PATH-CHALLENGE, PATH-RESPONSE and PADDING: it only tries a path (RFC 9000 §9.1). */
  #isProbing = true;
  /** The packet carries stream bytes. */
  hasStreamBytes = false;
  /** The packet could not be taken whole: it must not be acknowledged, so that it comes again. */
  #isDropped = false;
  /** The packet carried a RESET. */
  reset: { readonly code: number; readonly reason: string } | undefined;

  constructor(
    parts: ConnectionParts,
    options: { readonly outcomes: PacketOutcomes; readonly paths: Paths; readonly ackDelayMsMax: number },
  ) {
    this.#parts = parts;
    this.#outcomes = options.outcomes;
    this.#paths = options.paths;
    this.#ackDelayMsMax = options.ackDelayMsMax;
  }

  /** Carries out the frames of a packet and remembers its number; false when it could not be taken. Throws what breaks the protocol. */
  take(
    now: number,
    frames: ByteReader,
    { packetNumber, bytes }: { packetNumber: number; bytes: number },
  ): boolean {
    const { received, rtt } = this.#parts;
    const isNewest = packetNumber > received.largest;
    this.#begin(now);
    decodeFrames(frames, this);
    if (this.#isDropped) return false;
    const ackDelayMs = Math.min(this.#ackDelayMsMax, rtt.smoothedMs / 4);
    received.record(now, packetNumber, this.isAckEliciting, ackDelayMs, bytes);
    this.#paths.handlePacket(now, { bytes, isNewest, isProbing: this.#isProbing });
    return true;
  }

  #begin(now: number): void {
    this.#now = now;
    this.#outcomes.now = now;
    this.isAckEliciting = false;
    this.#isProbing = true;
    this.hasStreamBytes = false;
    this.#isDropped = false;
    this.reset = undefined;
    this.ackFrame.receiveTime = undefined;
    this.ackFrame.arrivedAtMs = Math.min(now, this.#parts.received.arrivalMs);
  }

  handlePing(): void {
    this.#noteContent();
  }

  handleAck(frame: AckFrame): void {
    this.#isProbing = false;
    const { loss, ecn, controller } = this.#parts;
    const largestBefore = loss.largestAcknowledged;
    loss.handleAck(this.#now, frame);
    const isNewest = loss.largestAcknowledged > largestBefore;
    // RUDP-ECN-5
    if (ecn.handleFrame(frame.ecn, isNewest) > 0) {
      controller.onCongestionMark({
        now: this.#now,
        bytesInFlight: loss.bytesInFlight,
        largestAckedPacketNumber: loss.largestAcknowledged,
        nextPacketNumber: loss.packets.next,
      });
    }
    frame.receiveTime = undefined;
    observeMetrics(this.#now, this.#parts);
  }

  // RUDP-ACK-7
  handleReceiveTime(time: ReceiveTime): void {
    this.#isProbing = false;
    this.ackFrame.receiveTime = time;
  }

  handleReset(code: number, reason: string): void {
    this.#isProbing = false;
    this.reset = { code, reason };
  }

  handleMaxData(bytesMax: number): void {
    this.#noteContent();
    this.#parts.sendStream.onMaxData(bytesMax);
  }

  handleFin(finalSize: number): void {
    this.#noteContent();
    this.#parts.receiveStream.handleFin(finalSize);
    this.#parts.received.acknowledgeNow();
  }

  /** The third step of the handshake: the packet that carries it has proved the keys, nothing else is left to do. */
  handleHandshakeAck(): void {
    this.#noteContent();
    this.#parts.received.acknowledgeNow();
  }

  handleStream(offset: number, bytes: Uint8Array): void {
    this.#noteContent();
    this.hasStreamBytes = true;
    const { receiveStream, credit, rtt } = this.#parts;
    if (!receiveStream.handleSegment(offset, bytes, credit.maxData)) this.#isDropped = true;
    credit.onArrival(this.#now, receiveStream, rtt.smoothedMs);
  }

  // RUDP-PATH-3
  handlePathChallenge(data: Uint8Array): void {
    this.#paths.handleChallenge(data);
  }

  handlePathResponse(data: Uint8Array): void {
    this.#paths.handleResponse(this.#now, data);
  }

  #noteContent(): void {
    this.isAckEliciting = true;
    this.#isProbing = false;
  }
}
