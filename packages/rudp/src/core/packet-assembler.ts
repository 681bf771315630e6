import { encodeReceiveTime, RECEIVE_TIME_BYTES_MAX } from './acknowledgement/receive-time.ts';
import type { ReceivedPackets } from './acknowledgement/received-packets.ts';
import { ECN_COUNTS_BYTES_MAX, encodeAckFrame, encodeEcnCounts } from './frames/ack-frame.ts';
import { summarizeFrames } from './frames/frame-summary.ts';
import {
  encodeReset,
  encodeStreamHeader,
  FrameType,
  INTEGER_FRAME_BYTES_MAX,
  PATH_DATA_BYTES,
  STREAM_LENGTH_BYTES,
  streamHeaderBytes,
} from './frames/frames.ts';
import { TAG_BYTES } from './keys/crypto.ts';
import type { SealingKeys } from './keys/key-update.ts';
import { RESET_REASON_BYTES_MAX } from './limits.ts';
import type { ConnectionObserver } from './observer.ts';
import { SHORT_ID_BYTES } from './packets/connection-id.ts';
import { DATA_HEADER_BYTES_MAX, dataHeaderBytes, dataTypeOf } from './packets/packet.ts';
import { packetNumberBytes } from './packets/packet-number.ts';
import type { EcnValidation } from './recovery/ecn.ts';
import type { LossDetection } from './recovery/loss-detection.ts';
import type { RttEstimator } from './recovery/rtt-estimator.ts';
import { PacketContent } from './recovery/sent-packets.ts';
import type { ReceiveCredit } from './stream/receive-credit.ts';
import type { ReceiveStream } from './stream/receive-stream.ts';
import type { SendStream } from './stream/send-stream.ts';
import { ByteWriter } from './structures/byte-writer.ts';

/** What may go into the next packet. */
export type Allowance =
  /** The window or the pacer is shut: acknowledgements only, they are neither paced nor counted. */
  | 'acknowledgement'
  /** Everything. */
  | 'anything';

/** Frames that wait for the next packet. */
export interface PendingFrames {
  ping: boolean;
  handshakeAck: boolean;
  maxData: boolean;
}

/** The parts of a connection that put something into packets. */
export interface AssemblerParts {
  readonly sendStream: SendStream;
  readonly receiveStream: ReceiveStream;
  readonly credit: ReceiveCredit;
  readonly received: ReceivedPackets;
  readonly loss: LossDetection;
  readonly ecn: EcnValidation;
  readonly rtt: RttEstimator;
  readonly pending: PendingFrames;
  readonly observer: ConnectionObserver | undefined;
}

/** A PATH-CHALLENGE or a PATH-RESPONSE. */
export interface PathFrame {
  readonly type: typeof FrameType.pathChallenge | typeof FrameType.pathResponse;
  readonly data: Uint8Array;
}

/** Smallest packet with a PATH frame. */
export const PATH_PACKET_BYTES_MIN = DATA_HEADER_BYTES_MAX + 1 + PATH_DATA_BYTES + TAG_BYTES;

/** Room for a packet with an ACK-ECN of one range. */
export const ACKNOWLEDGEMENT_BYTES_MIN = 88;

/** Largest packet with a RESET. */
export const RESET_PACKET_BYTES_MAX =
  DATA_HEADER_BYTES_MAX + 2 + INTEGER_FRAME_BYTES_MAX + RESET_REASON_BYTES_MAX + TAG_BYTES;

/** A STREAM frame's header with the largest offset and without a length. */
const STREAM_HEADER_BYTES_MAX = 8;

/** Room that an ACK frame may take in a packet, type byte included; more ranges would crowd out the data. */
const ACK_ROOM_MAX = 600;
/** Room for eight ranges: what an ACK takes between two full ones. */
const ACK_ROOM_BRIEF = 82;

/** Builds DATA packets: header, frames, protection, and the record of what each carried. */
export class PacketAssembler {
  readonly #parts: AssemblerParts;
  readonly #wholeId: Uint8Array;
  readonly #shortId: Uint8Array;
  readonly #isToServer: boolean;
  readonly #keys: SealingKeys;
  #hasWholeId = false;
  #numberBytes = 0;
  #headerBytes = 0;
  /** The packet's first byte, without the key phase. */
  #type = 0;
  #contents = 0;
  #ackLargest = -1;
  #streamOffset = 0;
  #streamLength = 0;
  #writer = new ByteWriter(new Uint8Array(0));
  #trimAskedAtMs = Number.NEGATIVE_INFINITY;

  /** What is built now leaves with the mark ECT(0). */
  isEcnCapable = false;

  /** Bytes of stream data that were sent again. */
  repeatedBytes = 0;

  constructor(
    parts: AssemblerParts,
    remote: { readonly id: Uint8Array; readonly isServer: boolean },
    keys: SealingKeys,
  ) {
    this.#parts = parts;
    this.#wholeId = remote.id;
    this.#shortId = remote.id.slice(0, SHORT_ID_BYTES);
    this.#isToServer = remote.isServer;
    this.#keys = keys;
  }

  /** Whether the last packet counts as in flight. */
  get isAckEliciting(): boolean {
    return (this.#contents & PacketContent.ackEliciting) !== 0;
  }

  /** A larger packet size only helps a sender that has something to send; the handshake's last packet comes first. */
  get wantsLargerPackets(): boolean {
    return this.#parts.sendStream.hasSegment && !this.#parts.pending.handshakeAck;
  }

  /** Writes one packet of at most `bytesMax` bytes at `start`; returns its size, 0 when there was nothing to put into it. */
  // RUDP-PKT-3
  assemble(now: number, buffer: Uint8Array, start: number, bytesMax: number, allowance: Allowance): number {
    const writer = this.#begin(buffer, start);
    const frameLimit = start + bytesMax - TAG_BYTES;
    if (allowance === 'anything') this.#parts.sendStream.refill(bytesMax);
    this.#writeAck(now, writer, frameLimit, allowance);
    if (allowance === 'anything') {
      this.#writeControl(now, writer, frameLimit);
      this.#writeStream(writer, frameLimit);
      this.#writeFin(writer, frameLimit);
    }
    if (writer.position === start + this.#headerBytes) return 0;
    return this.#seal(now, writer, start);
  }

  /** A packet of exactly `bytes` bytes that only probes whether the path carries it (RFC 8899 §4.1). */
  assembleProbe(now: number, buffer: Uint8Array, start: number, bytes: number): number {
    const writer = this.#begin(buffer, start);
    writer.u8(FrameType.ping);
    writer.zerosTo(start + bytes - TAG_BYTES);
    this.#contents = PacketContent.ackEliciting | PacketContent.mtuProbe;
    return this.#seal(now, writer, start);
  }

  /**
   * A packet with one PATH frame, of exactly `bytes` bytes; it is neither tracked nor acknowledged. A response that has room for
   * it also carries an ACK, so that it is more than a probe (RFC 9000 §9.3.3).
   */
  // RUDP-PATH-5, RUDP-PATH-6
  assemblePath(now: number, buffer: Uint8Array, frame: PathFrame, bytes: number): number {
    const writer = this.#begin(buffer, 0);
    writer.u8(frame.type);
    writer.raw(frame.data);
    if (frame.type === FrameType.pathResponse)
      this.#writeAck(now, writer, bytes - TAG_BYTES, 'acknowledgement');
    writer.zerosTo(bytes - TAG_BYTES);
    return this.#seal(now, writer, 0);
  }

  /** A packet with the pending RESET alone; it is neither tracked nor acknowledged. */
  assembleReset(
    now: number,
    buffer: Uint8Array,
    reset: { readonly code: number; readonly reason: string },
  ): number {
    const writer = this.#begin(buffer, 0);
    encodeReset(writer, reset.code, reset.reason);
    return this.#seal(now, writer, 0);
  }

  #begin(buffer: Uint8Array, start: number): ByteWriter {
    if (this.#writer.bytes !== buffer) this.#writer = new ByteWriter(buffer);
    const { loss, pending } = this.#parts;
    // RUDP-ID-3: a server that no longer knows the connection says so to whoever asks, and needs the whole id for that.
    this.#hasWholeId = this.#isToServer && (loss.probeTimeoutCount > 0 || pending.ping);
    // One number may be left out when the packet gets its own.
    this.#numberBytes = packetNumberBytes(loss.packets.next + 1, loss.largestAcknowledged);
    this.#type = dataTypeOf(this.#numberBytes, this.#hasWholeId);
    this.#headerBytes = dataHeaderBytes(this.#type);
    this.#writer.position = start + this.#headerBytes;
    this.#contents = 0;
    this.#ackLargest = -1;
    this.#streamOffset = 0;
    this.#streamLength = 0;
    return this.#writer;
  }

  #writeAck(now: number, writer: ByteWriter, limit: number, allowance: Allowance): void {
    const { received, rtt, pending, sendStream } = this.#parts;
    // An acknowledgement that is not due yet still rides along for free when a packet leaves anyway.
    const ridesAlong = allowance === 'anything' && received.hasNews && this.#hasMore;
    // RUDP-CLOSE-3: a FIN always carries an ACK, so that its acknowledgement shows that ours arrived.
    const joinsFin = allowance === 'anything' && sendStream.isFinWithin(limit - writer.position);
    // RUDP-LOSS-5: who probes has heard nothing for long, perhaps because the peer's last ACK from here was lost.
    const joinsPing = allowance === 'anything' && pending.ping;
    if (!received.isAckDue(now) && !ridesAlong && !joinsFin && !joinsPing) return;
    if (received.ranges.isEmpty) return;
    const { ecn } = received;
    const { position } = writer;
    const { receiveTime } = received;
    if (receiveTime !== undefined && limit - position > RECEIVE_TIME_BYTES_MAX) {
      writer.u8(FrameType.receiveTime);
      encodeReceiveTime(writer, receiveTime);
    }
    writer.u8(ecn.hasCounts ? FrameType.ackEcn : FrameType.ack);
    const countsBytes = ecn.hasCounts ? ECN_COUNTS_BYTES_MAX : 0;
    const isFull = joinsPing || received.isFullAckDue(now);
    const room = Math.min(isFull ? ACK_ROOM_MAX : ACK_ROOM_BRIEF, limit - writer.position) - countsBytes;
    if (encodeAckFrame(writer, received.ranges, received.ackDelayMs(now), room) === 0) {
      writer.position = position;
      return;
    }
    if (ecn.hasCounts) encodeEcnCounts(writer, ecn);
    // RUDP-ACK-4: what was left out must be said again, whatever becomes of this packet.
    if (isFull) this.#ackLargest = received.largest;
    if (isFull) received.onFullAckSent(now, rtt.smoothedMs);
    received.onAckSent(now);
    if (received.wantsTrim && now - this.#trimAskedAtMs > rtt.smoothedMs) {
      this.#trimAskedAtMs = now;
      pending.ping = true;
    }
  }

  get #hasMore(): boolean {
    const { sendStream, pending } = this.#parts;
    return (
      sendStream.hasSegment ||
      sendStream.isFinDue ||
      pending.ping ||
      pending.handshakeAck ||
      this.#isGrantLost ||
      this.#isGrantDue
    );
  }

  /** The grant should be raised; nobody needs a grant behind the end of the stream. */
  get #isGrantDue(): boolean {
    const { credit, receiveStream } = this.#parts;
    return receiveStream.finalSize === undefined && credit.isUpdateDue(receiveStream.consumedEnd);
  }

  /** The last grant must be repeated, but not before a paused receiver goes on. */
  get #isGrantLost(): boolean {
    return this.#parts.pending.maxData && !this.#parts.credit.isPaused;
  }

  #writeControl(now: number, writer: ByteWriter, limit: number): void {
    const { pending, credit, receiveStream, rtt } = this.#parts;
    if (limit - writer.position < 2 + INTEGER_FRAME_BYTES_MAX) return;
    if (pending.ping) {
      writer.u8(FrameType.ping);
      pending.ping = false;
      this.#contents |= PacketContent.ackEliciting | PacketContent.ping;
    }
    if (pending.handshakeAck) {
      writer.u8(FrameType.handshakeAck);
      pending.handshakeAck = false;
      this.#contents |= PacketContent.ackEliciting | PacketContent.handshakeAck;
    }
    const isGrantDue = this.#isGrantDue;
    if (isGrantDue) credit.grant(now, receiveStream.consumedEnd, rtt.smoothedMs);
    if (!isGrantDue && !this.#isGrantLost) return;
    writer.u8(FrameType.maxData);
    writer.varint(credit.maxData);
    pending.maxData = false;
    this.#contents |= PacketContent.ackEliciting | PacketContent.maxData;
  }

  #writeStream(writer: ByteWriter, limit: number): void {
    const { sendStream } = this.#parts;
    if (!sendStream.nextSegment(limit - writer.position - STREAM_HEADER_BYTES_MAX)) return;
    // The header's size depends on the offset that was chosen: the second call takes the room that is really there.
    const room = limit - writer.position - streamHeaderBytes(sendStream.segmentOffset);
    sendStream.nextSegment(room);
    this.#streamOffset = sendStream.segmentOffset;
    this.#streamLength = sendStream.segmentLength;
    // RUDP-FRAME-2: a frame that leaves room for others says where it ends.
    const isFull = room - this.#streamLength < STREAM_LENGTH_BYTES;
    encodeStreamHeader(writer, this.#streamOffset, isFull ? undefined : this.#streamLength);
    if (sendStream.takeSegment(writer.bytes, writer.position)) this.repeatedBytes += this.#streamLength;
    writer.position += this.#streamLength;
    this.#contents |= PacketContent.ackEliciting;
  }

  #writeFin(writer: ByteWriter, limit: number): void {
    const { sendStream } = this.#parts;
    if (!sendStream.isFinDue || limit - writer.position < INTEGER_FRAME_BYTES_MAX) return;
    writer.u8(FrameType.fin);
    writer.varint(sendStream.writtenBytes);
    sendStream.onFinSent();
    this.#contents |= PacketContent.ackEliciting | PacketContent.fin;
  }

  #seal(now: number, writer: ByteWriter, start: number): number {
    const { loss, ecn, observer } = this.#parts;
    if (this.isEcnCapable) {
      this.#contents |= PacketContent.ecnMarked;
      ecn.onMarkedSent();
    }
    const frameEnd = writer.position;
    const length = frameEnd - start + TAG_BYTES;
    const packetNumber = loss.nextPacketNumber(now);
    writer.position = start;
    // DataBit.keyPhase
    writer.u8(this.#type | this.#keys.phase);
    writer.raw(this.#hasWholeId ? this.#wholeId : this.#shortId);
    writer.uint(packetNumber, this.#numberBytes);
    if (observer !== undefined) {
      const frames = summarizeFrames(writer.bytes, start + this.#headerBytes, frameEnd);
      observer.onPacketSent(now, { type: 'data', packetNumber, bytes: length, frames });
    }
    this.#keys.seal(writer.bytes, start, frameEnd, packetNumber);
    const slot = loss.onPacketSent(now, length, this.#contents);
    loss.packets.ackLargest[slot] = this.#ackLargest;
    loss.packets.streamOffset[slot] = this.#streamOffset;
    loss.packets.streamLength[slot] = this.#streamLength;
    return length;
  }
}
