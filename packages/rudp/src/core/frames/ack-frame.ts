import type { ReceiveTime } from '../acknowledgement/receive-time.ts';
import { ACK_RANGES_MAX } from '../limits.ts';
import type { EcnCounts } from '../recovery/ecn.ts';
import { type ByteReader, MalformedPacketError } from '../structures/byte-reader.ts';
import type { ByteWriter } from '../structures/byte-writer.ts';
import type { RangeSet } from '../structures/range-set.ts';

/** Unit of the delay field: 8 microseconds (RFC 9000 §18.2, default ack_delay_exponent). */
const ACK_DELAY_UNITS_PER_MS = 125;

/** A decoded ACK frame; one object is reused for every frame of a connection. */
export class AckFrame {
  largest = 0;
  delayMs = 0;
  /** When packets of the frame arrived, on the peer's clock; undefined when the peer does not say. Not part of the frame itself. */
  receiveTime: ReceiveTime | undefined;
  /** When the frame itself arrived, if that is known to be before it is read. Not part of it. */
  arrivedAtMs = Number.POSITIVE_INFINITY;
  rangeCount = 0;
  /** What an ACK-ECN frame counts; undefined of a plain one. */
  ecn: EcnCounts | undefined;
  /** Ranges `[start, end)` in descending order: start at 2i, end at 2i + 1. */
  readonly bounds = new Float64Array(2 * ACK_RANGES_MAX);

  /** Reads the frame's fields (RFC 9000 §19.3); throws `MalformedPacketError`. */
  // RUDP-ACK-2
  decode(reader: ByteReader): void {
    this.ecn = undefined;
    this.largest = reader.varint();
    this.delayMs = reader.varint() / ACK_DELAY_UNITS_PER_MS;
    const gaps = reader.varint();
    if (gaps >= ACK_RANGES_MAX)
      throw new MalformedPacketError(`expected fewer than ${ACK_RANGES_MAX} ack gaps, found ${gaps}`);
    this.rangeCount = gaps + 1;
    let end = this.largest + 1;
    for (let index = 0; index <= gaps; index += 1) {
      if (index > 0) end -= reader.varint() + 1;
      const start = end - (reader.varint() + 1);
      if (start < 0) throw new MalformedPacketError('ack range below packet number 0');
      this.bounds[2 * index] = start;
      this.bounds[2 * index + 1] = end;
      end = start;
    }
  }

  /** The same of an ACK-ECN frame, whose counts follow. */
  // RUDP-ECN-3
  decodeWithEcn(reader: ByteReader): void {
    this.decode(reader);
    const [ect0, ect1, congestion] = [reader.varint(), reader.varint(), reader.varint()];
    this.ecn = { ect0, ect1, congestion };
  }
}

/** Bytes that the counts of an ACK-ECN frame take at most. */
export const ECN_COUNTS_BYTES_MAX = 24;

/** Writes the counts behind the body of an ACK frame. */
// RUDP-ECN-3
export function encodeEcnCounts(writer: ByteWriter, { ect0, ect1, congestion }: EcnCounts): void {
  writer.varint(ect0);
  writer.varint(ect1);
  writer.varint(congestion);
}

/** Bytes that an ACK frame's body takes at most for `ranges` ranges. */
function ackFrameBytesMax(ranges: number): number {
  return 8 + 8 + 2 + 8 + (ranges - 1) * 8;
}

/**
 * Writes the newest ranges of `received` as an ACK frame body, as many as fit into `room` bytes.
 * Returns the number of ranges written, 0 when not even one fits.
 */
// RUDP-ACK-3
export function encodeAckFrame(
  writer: ByteWriter,
  received: RangeSet,
  delayMs: number,
  room: number,
): number {
  let ranges = Math.min(received.count, ACK_RANGES_MAX);
  while (ranges > 0 && ackFrameBytesMax(ranges) > room) ranges -= 1;
  if (ranges === 0) return 0;
  let index = received.count - 1;
  writer.varint(received.endAt(index) - 1);
  writer.varint(Math.max(0, Math.round(delayMs * ACK_DELAY_UNITS_PER_MS)));
  writer.varint(ranges - 1);
  writer.varint(received.endAt(index) - received.startAt(index) - 1);
  for (let written = 1; written < ranges; written += 1) {
    const newerStart = received.startAt(index);
    index -= 1;
    writer.varint(newerStart - received.endAt(index) - 1);
    writer.varint(received.endAt(index) - received.startAt(index) - 1);
  }
  return ranges;
}
