import { ArrivedPacket } from './arrived-packet.ts';
import { type ConnectionId, connectionIdAt } from './connection-id.ts';
import {
  COMMON_HEADER_BYTES,
  CONNECTION_ID_OFFSET,
  DATA_BYTES_MIN,
  PacketType,
  packetLengthAt,
} from './packet.ts';

/** What to do with the packets of a buffer. */
export interface PacketReceiver {
  /** Takes the packet, which is another one afterwards; true when it was authentic, so that its length can be believed. */
  handlePacket(packet: ArrivedPacket): boolean;
  /** True for an id that packets may be addressed to. */
  isKnown(id: ConnectionId): boolean;
}

/** Packets for our connections in one buffer that may turn out not to be authentic: each costs an attempt to decrypt it. */
const VAIN_PACKETS_MAX = 32;

/**
 * Takes a received buffer apart. Receive offload joins datagrams of one sender, and a forged one among them must not spoil the
 * others: the length of a packet that is not authentic is only one of the places where the next may begin.
 */
// RUDP-PKT-1, RUDP-PKT-2
export function handleCoalesced(bytes: Uint8Array, receiver: PacketReceiver): void {
  const packet = new ArrivedPacket(bytes);
  let vainPackets = 0;
  let offset: number | undefined = 0;
  while (offset !== undefined && offset < bytes.length) {
    const length = packetLengthAt(bytes, offset);
    if (length !== undefined) {
      packet.start = offset;
      packet.end = offset + length;
      if (receiver.handlePacket(packet)) {
        offset += length;
        continue;
      }
    }
    const isVain =
      length !== undefined && receiver.isKnown(connectionIdAt(bytes, offset + CONNECTION_ID_OFFSET));
    if (isVain) vainPackets += 1;
    if (vainPackets === VAIN_PACKETS_MAX) return;
    offset = nextStart(bytes, offset, length, receiver);
  }
}

/** The end of the packet at `offset`, or a header for one of our connections before it, whichever comes first. */
function nextStart(
  bytes: Uint8Array,
  offset: number,
  length: number | undefined,
  receiver: PacketReceiver,
): number | undefined {
  const end = length === undefined ? bytes.length : offset + length;
  const last = Math.min(end, bytes.length - COMMON_HEADER_BYTES + 1);
  for (let start = offset + 1; start < last; start += 1) {
    if (isHeader(bytes, start) && receiver.isKnown(connectionIdAt(bytes, start + CONNECTION_ID_OFFSET)))
      return start;
  }
  return length === undefined ? undefined : end;
}

/** Rules out nearly every place in random bytes before the id is read. */
function isHeader(bytes: Uint8Array, start: number): boolean {
  const type = bytes[start] as number;
  const isData = (type & ~1) === PacketType.data;
  if (!isData && (type < PacketType.synAck || type > PacketType.statelessReset)) return false;
  const length = packetLengthAt(bytes, start);
  return length !== undefined && (!isData || length >= DATA_BYTES_MIN);
}
