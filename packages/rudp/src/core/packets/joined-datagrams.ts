import { ArrivedPacket } from './arrived-packet.ts';
import { DATA_BYTES_MIN, isDataType, packetLengthAt } from './packet.ts';

/** What to do with the packets of a buffer. */
export interface PacketReceiver {
  /** Takes the packet, which is another one afterwards; true when it was authentic. */
  handlePacket(packet: ArrivedPacket): boolean;
  /** True when the DATA packet that might start at `offset` is for a connection of ours. */
  isKnown(bytes: Uint8Array, offset: number): boolean;
}

/** The size of joined datagrams when the system does not tell it. */
export const SEGMENT_BYTES_UNKNOWN = 0;

/** What systems hand over is no longer. */
const BUFFER_BYTES_USUAL = 65_536;

/** Packets for our connections in one buffer that may turn out not to be authentic while the size of its datagrams is not known. */
const VAIN_PACKETS_MAX = 32;

/**
 * Takes received buffers apart. Receive offload joins datagrams of one sender and one size, of which only the last may be shorter.
 * Where the system tells the size, what is in one datagram cannot touch another. Where it does not, the size is looked for, and an
 * authentic packet proves it: a forged datagram must not spoil those that it was joined with.
 */
// RUDP-PKT-1, RUDP-PKT-2
export class JoinedDatagrams {
  /** The size of the last datagrams whose size was not told: mostly that of the next, too. */
  #expectedBytes = 0;
  /** What a packet was before it was tried. Made once: memory for each of 64 KB would cost more than the packet. */
  #original = new Uint8Array(0);

  /** Hands the packets of `bytes` on. `segmentBytes` is the size at which datagrams were joined, or `SEGMENT_BYTES_UNKNOWN`. */
  handle(bytes: Uint8Array, segmentBytes: number, receiver: PacketReceiver): void {
    const packet = new ArrivedPacket(bytes);
    if (segmentBytes === SEGMENT_BYTES_UNKNOWN) this.#search(packet, receiver);
    else cut(packet, 0, segmentBytes, receiver);
  }

  #search(packet: ArrivedPacket, receiver: PacketReceiver): void {
    const { bytes } = packet;
    const vain: number[] = [];
    for (let start = 0; start < bytes.length; ) {
      const end = this.#endOf(bytes, start, receiver);
      if (this.#try(packet, start, end, receiver)) {
        this.#expectedBytes = end - start;
        for (const before of vain)
          this.#try(packet, before, Math.min(before + end - start, bytes.length), receiver);
        cut(packet, end, end - start, receiver);
        return;
      }
      this.#expectedBytes = 0;
      if (isHeader(bytes, start, receiver)) vain.push(start);
      if (vain.length === VAIN_PACKETS_MAX) return;
      start = nextHeader(bytes, start + 1, end, receiver);
    }
  }

  /** Hands on what may be a packet; when it is none, its bytes are afterwards what they were: others may be in them. */
  #try(packet: ArrivedPacket, start: number, end: number, receiver: PacketReceiver): boolean {
    packet.start = start;
    packet.end = end;
    if (end - start > this.#original.length)
      this.#original = new Uint8Array(Math.max(end - start, BUFFER_BYTES_USUAL));
    this.#original.set(packet.view());
    const isAuthentic = receiver.handlePacket(packet);
    if (!isAuthentic) packet.bytes.set(this.#original.subarray(0, end - start), start);
    return isAuthentic;
  }

  /** Where the datagram at `start` may end. */
  #endOf(bytes: Uint8Array, start: number, receiver: PacketReceiver): number {
    if (!isDataType(bytes[start])) return start + (packetLengthAt(bytes, start) ?? bytes.length - start);
    const expected = start + this.#expectedBytes;
    const isExpected =
      this.#expectedBytes > 0 && (expected === bytes.length || isHeader(bytes, expected, receiver));
    return isExpected ? expected : nextHeader(bytes, start + 1, bytes.length, receiver);
  }
}

/** Hands on datagrams of one size. */
function cut(packet: ArrivedPacket, from: number, segmentBytes: number, receiver: PacketReceiver): void {
  const { length } = packet.bytes;
  for (let start = from; start < length; start += segmentBytes) {
    packet.start = start;
    packet.end = Math.min(start + segmentBytes, length);
    receiver.handlePacket(packet);
  }
}

/** The next place from `from` on where a packet for one of our connections may start, at the latest `end`. */
function nextHeader(bytes: Uint8Array, from: number, end: number, receiver: PacketReceiver): number {
  for (let start = from; start < end; start += 1) if (isHeader(bytes, start, receiver)) return start;
  return end;
}

/** Rules out nearly every place in random bytes before the id is read. */
function isHeader(bytes: Uint8Array, start: number, receiver: PacketReceiver): boolean {
  return isDataType(bytes[start]) && bytes.length - start >= DATA_BYTES_MIN && receiver.isKnown(bytes, start);
}
