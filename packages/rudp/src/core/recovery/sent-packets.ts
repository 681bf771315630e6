import { invariant } from '../structures/invariant.ts';

/** What became of a packet number. */
export const PacketFate = {
  /** The number was never used, or its record has been forgotten. */
  none: 0,
  outstanding: 1,
  acknowledged: 2,
  lost: 3,
  /** Never sent, on purpose: only a peer that lies acknowledges it. */
  skipped: 4,
} as const;

/** What a packet carried besides stream bytes: what must be sent again when it is lost. */
export const PacketContent = {
  ackEliciting: 1,
  fin: 2,
  maxData: 4,
  handshakeAck: 8,
  mtuProbe: 16,
  ping: 32,
  /** The sender had nothing more to send when this packet left (delivery rate samples of it are a lower bound). */
  applicationLimited: 64,
  /** It left with the mark ECT(0). */
  ecnMarked: 128,
} as const;

const CAPACITY_INITIAL = 256;

/**
 * The send window's records: one slot per packet number, in typed-array rings, so that a packet costs no object.
 *
 * Slots are columns indexed by `slotOf(packetNumber)`. The window runs from `oldest` (inclusive) to `next` (exclusive) and
 * grows by doubling; every column keeps its meaning for the life of the packet:
 * `sentAtMs` when it left; `bytes` its UDP payload size; `streamOffset`/`streamLength` the stream bytes that it carried;
 * `contents` a set of `PacketContent`; `ackLargest` the largest packet number that its ACK frame acknowledged (−1 without one);
 * the other columns belong to the delivery-rate estimator.
 */
export class SentPackets {
  fate = new Uint8Array(CAPACITY_INITIAL);
  contents = new Uint8Array(CAPACITY_INITIAL);
  bytes = new Uint32Array(CAPACITY_INITIAL);
  sentAtMs = new Float64Array(CAPACITY_INITIAL);
  streamOffset = new Float64Array(CAPACITY_INITIAL);
  streamLength = new Uint32Array(CAPACITY_INITIAL);
  ackLargest = new Float64Array(CAPACITY_INITIAL);
  /** Delivered bytes of the connection when this packet left (P.delivered). */
  deliveredBytes = new Float64Array(CAPACITY_INITIAL);
  /** When the last of those was acknowledged (P.delivered_time). */
  deliveredAtMs = new Float64Array(CAPACITY_INITIAL);
  /** Send time of the packet that opened the sampling interval (P.first_send_time). */
  firstSentAtMs = new Float64Array(CAPACITY_INITIAL);
  /** Bytes in flight just after this packet left, itself included (P.tx_in_flight). */
  inFlightBytes = new Float64Array(CAPACITY_INITIAL);
  /** Lost bytes of the connection when this packet left (P.lost). */
  lostBytes = new Float64Array(CAPACITY_INITIAL);

  #capacity = CAPACITY_INITIAL;
  #oldest = 0;
  #next = 0;

  /** Oldest packet number that still has a record. */
  get oldest(): number {
    return this.#oldest;
  }

  /** The packet number that the next packet gets. */
  get next(): number {
    return this.#next;
  }

  slotOf(packetNumber: number): number {
    return packetNumber % this.#capacity;
  }

  has(packetNumber: number): boolean {
    return packetNumber >= this.#oldest && packetNumber < this.#next;
  }

  /** Opens the record of the next packet number and returns its slot; the caller fills the columns. */
  append(now: number, bytes: number, contents: number): number {
    if (this.#next - this.#oldest === this.#capacity) this.#grow();
    const slot = this.slotOf(this.#next);
    this.#next += 1;
    this.fate[slot] = PacketFate.outstanding;
    this.contents[slot] = contents;
    this.bytes[slot] = bytes;
    this.sentAtMs[slot] = now;
    this.streamOffset[slot] = 0;
    this.streamLength[slot] = 0;
    this.ackLargest[slot] = -1;
    return slot;
  }

  /** Leaves the next packet number out. */
  skip(now: number): void {
    // Opening the record may replace the column: it must not be looked up before.
    const slot = this.append(now, 0, 0);
    this.fate[slot] = PacketFate.skipped;
  }

  /** Drops the records below `packetNumber`; none of them may be outstanding. */
  forgetBelow(packetNumber: number): void {
    const limit = Math.min(packetNumber, this.#next);
    for (; this.#oldest < limit; this.#oldest += 1) {
      const slot = this.slotOf(this.#oldest);
      invariant(this.fate[slot] !== PacketFate.outstanding, 'an outstanding packet must keep its record');
      this.fate[slot] = PacketFate.none;
    }
  }

  #grow(): void {
    const capacity = this.#capacity * 2;
    this.fate = this.#moved(this.fate, new Uint8Array(capacity));
    this.contents = this.#moved(this.contents, new Uint8Array(capacity));
    this.bytes = this.#moved(this.bytes, new Uint32Array(capacity));
    this.sentAtMs = this.#moved(this.sentAtMs, new Float64Array(capacity));
    this.streamOffset = this.#moved(this.streamOffset, new Float64Array(capacity));
    this.streamLength = this.#moved(this.streamLength, new Uint32Array(capacity));
    this.ackLargest = this.#moved(this.ackLargest, new Float64Array(capacity));
    this.deliveredBytes = this.#moved(this.deliveredBytes, new Float64Array(capacity));
    this.deliveredAtMs = this.#moved(this.deliveredAtMs, new Float64Array(capacity));
    this.firstSentAtMs = this.#moved(this.firstSentAtMs, new Float64Array(capacity));
    this.inFlightBytes = this.#moved(this.inFlightBytes, new Float64Array(capacity));
    this.lostBytes = this.#moved(this.lostBytes, new Float64Array(capacity));
    this.#capacity = capacity;
  }

  /** Copies the live window of a column into a larger one, each record at its new slot. */
  #moved<Column extends Uint8Array | Uint32Array | Float64Array>(from: Column, to: Column): Column {
    for (let packetNumber = this.#oldest; packetNumber < this.#next; packetNumber += 1) {
      to[packetNumber % to.length] = from[packetNumber % from.length] as number;
    }
    return to;
  }
}
