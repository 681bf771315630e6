import { TAG_BYTES } from '../keys/crypto.ts';
import { CONNECTION_ID_BYTES } from './connection-id.ts';
import { PACKET_NUMBER_BYTES } from './packet-number.ts';

/** First byte of each packet. A DATA packet's lowest bit is its key phase. */
export const PacketType = {
  syn: 0x01,
  synAck: 0x02,
  reject: 0x03,
  cookie: 0x04,
  statelessReset: 0x05,
  data: 0x40,
  dataNextKey: 0x41,
} as const;

/** True for a DATA packet of either key phase. */
export function isDataPacket(packet: Uint8Array): boolean {
  return packet[0] === PacketType.data || packet[0] === PacketType.dataNextKey;
}

/** Version that this code speaks. */
export const PROTOCOL_VERSION = 1;

/** The same without packet protection: for measurements, and never on the same list as the other. */
// RUDP-INSECURE-1
export const INSECURE_VERSION = 0x6e6f_7365;

/** Where the destination connection id stands in every packet. */
export const CONNECTION_ID_OFFSET = 1 + 2;

/** type u8, length u16, destination connection id. */
export const COMMON_HEADER_BYTES = CONNECTION_ID_OFFSET + CONNECTION_ID_BYTES;

/** The common header and the truncated packet number: all of it is associated data of the AEAD. */
export const DATA_HEADER_BYTES = COMMON_HEADER_BYTES + PACKET_NUMBER_BYTES;

/** Smallest DATA packet that can be genuine. One without frames is, too: it is authentic, and malformed. */
export const DATA_BYTES_MIN = DATA_HEADER_BYTES + TAG_BYTES;

/** The length field of the packet that starts at `offset`, or undefined when it is shorter than a header or longer than what is there. */
export function packetLengthAt(bytes: Uint8Array, offset: number): number | undefined {
  if (bytes.length - offset < COMMON_HEADER_BYTES) return undefined;
  const length = ((bytes[offset + 1] as number) << 8) | (bytes[offset + 2] as number);
  if (length < COMMON_HEADER_BYTES || length > bytes.length - offset) return undefined;
  return length;
}
