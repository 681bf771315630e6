import { decodeReceiveTime, type ReceiveTime } from '../acknowledgement/receive-time.ts';
import { RESET_REASON_BYTES_MAX } from '../limits.ts';
import { type ByteReader, MalformedPacketError } from '../structures/byte-reader.ts';
import { type ByteWriter, uintBytes } from '../structures/byte-writer.ts';
import type { AckFrame } from './ack-frame.ts';

/** First byte of each frame inside a DATA packet. That of a STREAM frame holds more in its low four bits: see `StreamBit`. */
export const FrameType = {
  padding: 0x00,
  ping: 0x01,
  ack: 0x02,
  reset: 0x03,
  maxData: 0x04,
  fin: 0x05,
  handshakeAck: 0x06,
  pathChallenge: 0x08,
  pathResponse: 0x09,
  ackEcn: 0x0a,
  receiveTime: 0x10,
  stream: 0x20,
} as const;

/** What the low four bits of a STREAM frame's first byte tell. */
const StreamBit = {
  /** Three bits: bytes of the offset. */
  offsetBytes: 0x07,
  /** A length follows the offset; without it the frame is the last one of its packet. */
  hasLength: 0x08,
} as const;

/** The bits that a STREAM frame's first byte has in common with all others. */
const STREAM_TYPE_MASK = 0xf0;

/** Bytes that a PATH-CHALLENGE carries and a PATH-RESPONSE gives back (RFC 9000 §19.17). */
export const PATH_DATA_BYTES = 8;

/** Receives the frames of one packet, in order. */
export interface FrameHandler {
  /** Reused between frames: what is to be kept must be copied. */
  readonly ackFrame: AckFrame;
  handlePing(): void;
  handleAck(frame: AckFrame): void;
  /** Belongs to the ACK frame that follows in the same packet. */
  handleReceiveTime(time: ReceiveTime): void;
  handleReset(code: number, reason: string): void;
  handleMaxData(bytesMax: number): void;
  handleFin(finalSize: number): void;
  handleHandshakeAck(): void;
  /** `bytes` is a view of the datagram, valid during the call. */
  handleStream(offset: number, bytes: Uint8Array): void;
  /** `data` is a view of the datagram, valid during the call. */
  handlePathChallenge(data: Uint8Array): void;
  handlePathResponse(data: Uint8Array): void;
}

/** Decodes the frames of a packet and hands each to `handler`; throws `MalformedPacketError`. */
// RUDP-FRAME-1
export function decodeFrames(reader: ByteReader, handler: FrameHandler): void {
  if (reader.remaining === 0) throw new MalformedPacketError('a packet without frames');
  while (reader.remaining > 0) {
    const type = reader.u8();
    if ((type & STREAM_TYPE_MASK) === FrameType.stream) {
      const offset = reader.uint(type & StreamBit.offsetBytes);
      const length = (type & StreamBit.hasLength) === 0 ? reader.remaining : reader.u16();
      handler.handleStream(offset, reader.raw(length));
      continue;
    }
    switch (type) {
      case FrameType.padding:
        break;
      case FrameType.ping:
        handler.handlePing();
        break;
      case FrameType.ack:
        handler.ackFrame.decode(reader);
        handler.handleAck(handler.ackFrame);
        break;
      case FrameType.ackEcn:
        handler.ackFrame.decodeWithEcn(reader);
        handler.handleAck(handler.ackFrame);
        break;
      case FrameType.receiveTime:
        handler.handleReceiveTime(decodeReceiveTime(reader));
        break;
      case FrameType.reset: {
        const code = reader.varint();
        handler.handleReset(code, decodeReason(reader));
        break;
      }
      case FrameType.maxData:
        handler.handleMaxData(reader.varint());
        break;
      case FrameType.fin:
        handler.handleFin(reader.varint());
        break;
      case FrameType.handshakeAck:
        handler.handleHandshakeAck();
        break;
      case FrameType.pathChallenge:
        handler.handlePathChallenge(reader.raw(PATH_DATA_BYTES));
        break;
      case FrameType.pathResponse:
        handler.handlePathResponse(reader.raw(PATH_DATA_BYTES));
        break;
      default:
        throw new MalformedPacketError(`unknown frame type 0x${type.toString(16)}`);
    }
  }
}

/** Bytes of a STREAM frame before its data, without a length. */
export function streamHeaderBytes(offset: number): number {
  return 1 + uintBytes(offset);
}

/** Bytes of a STREAM frame's length. */
export const STREAM_LENGTH_BYTES = 2;

/** Writes a STREAM frame up to its data; without a length the frame reaches to the end of its packet. */
// RUDP-FRAME-2
export function encodeStreamHeader(writer: ByteWriter, offset: number, length?: number): void {
  const offsetBytes = uintBytes(offset);
  writer.u8(FrameType.stream | offsetBytes | (length === undefined ? 0 : StreamBit.hasLength));
  writer.uint(offset, offsetBytes);
  if (length !== undefined) writer.u16(length);
}

/** Room for the largest frame that carries one integer. */
export const INTEGER_FRAME_BYTES_MAX = 9;

/** Writes a RESET frame; the reason is cut to printable ASCII and to its limit. */
export function encodeReset(writer: ByteWriter, code: number, reason: string): void {
  const printable = reason.replace(/[^\x20-\x7e]/gu, '?').slice(0, RESET_REASON_BYTES_MAX);
  writer.u8(FrameType.reset);
  writer.varint(code);
  writer.u8(printable.length);
  for (let index = 0; index < printable.length; index += 1) writer.u8(printable.charCodeAt(index));
}

function decodeReason(reader: ByteReader): string {
  const length = reader.u8();
  if (length > RESET_REASON_BYTES_MAX) throw new MalformedPacketError(`reset reason of ${length} bytes`);
  const bytes = reader.raw(length);
  let reason = '';
  for (const byte of bytes) reason += byte >= 0x20 && byte <= 0x7e ? String.fromCharCode(byte) : '?';
  return reason;
}
