import { type ByteReader, MalformedPacketError } from '../structures/byte-reader.ts';
import type { ByteWriter } from '../structures/byte-writer.ts';

/** Earlier packets that one frame names at most. */
const EARLIER_MAX = 16;
/** Of packets in a row every fourth is named: a burst of sixteen shows how far apart the path lets them go. */
const SPACING_PACKETS = 4;

/** When one packet arrived, beside the largest of its ACK. */
interface EarlierArrival {
  /** Numbers below the largest. */
  readonly packetsBelow: number;
  readonly microsecondsBefore: number;
}

/** A RECEIVE-TIME frame: when packets of the ACK behind it arrived, on the receiver's clock. */
export interface ReceiveTime {
  /** That of the largest packet, modulo 2^32. */
  readonly microseconds: number;
  /** The oldest first. */
  readonly earlier: readonly EarlierArrival[];
}

/** Room that a frame takes at most, its type included. */
export const RECEIVE_TIME_BYTES_MAX = 1 + 4 + 1 + EARLIER_MAX * (4 + 8);

/** Reads the frame's fields; throws `MalformedPacketError`. */
// RUDP-ACK-8
export function decodeReceiveTime(reader: ByteReader): ReceiveTime {
  const microseconds = reader.u32();
  const count = reader.u8();
  if (count > EARLIER_MAX)
    throw new MalformedPacketError(`expected up to ${EARLIER_MAX} earlier packets, found ${count}`);
  const earlier = Array.from({ length: count }, () => ({
    packetsBelow: reader.varint(),
    microsecondsBefore: reader.varint(),
  }));
  return { microseconds, earlier };
}

/** Writes the frame's fields. */
export function encodeReceiveTime(writer: ByteWriter, { microseconds, earlier }: ReceiveTime): void {
  writer.u32(microseconds);
  writer.u8(earlier.length);
  for (const { packetsBelow, microsecondsBefore } of earlier) {
    writer.varint(packetsBelow);
    writer.varint(microsecondsBefore);
  }
}

/** Remembers when some of the packets arrived that no ACK has reported. */
export class ArrivalNotes {
  readonly #packetNumbers: number[] = [];
  readonly #atMs: number[] = [];

  /** Takes in the arrival of the largest packet so far. */
  // RUDP-ACK-8
  add(packetNumber: number, atMs: number): void {
    const last = this.#packetNumbers.at(-1);
    if (this.#packetNumbers.length === EARLIER_MAX) return;
    if (last !== undefined && packetNumber - last < SPACING_PACKETS) return;
    this.#packetNumbers.push(packetNumber);
    this.#atMs.push(atMs);
  }

  clear(): void {
    this.#packetNumbers.length = 0;
    this.#atMs.length = 0;
  }

  /** What a frame tells that goes before an ACK up to `largest`, which arrived at `largestAtMs`. */
  receiveTime(largest: number, largestAtMs: number): ReceiveTime {
    const earlier = this.#packetNumbers.map((packetNumber, index) => ({
      packetsBelow: largest - packetNumber,
      microsecondsBefore: Math.max(0, Math.round((largestAtMs - (this.#atMs[index] as number)) * 1000)),
    }));
    if (earlier.at(-1)?.packetsBelow === 0) earlier.pop();
    return { microseconds: Math.floor(largestAtMs * 1000) % 2 ** 32, earlier };
  }
}
