import { tagBytes } from '../keys/crypto.ts';
import { connectionIdBytes } from './connection-id.ts';
import { packetNumberBytes } from './packet-number.ts';

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
export const protocolVersion = 1;

/** The same without packet protection: for measurements, and never on the same list as the other. */
// RUDP-INSECURE-1
export const insecureVersion = 0x6e6f_7365;

/** Where the destination connection id stands in every packet. */
export const connectionIdOffset = 1 + 2;

/** type u8, length u16, destination connection id. */
export const commonHeaderBytes = connectionIdOffset + connectionIdBytes;

/** The common header and the truncated packet number: all of it is associated data of the AEAD. */
export const dataHeaderBytes = commonHeaderBytes + packetNumberBytes;

/** Smallest DATA packet that can be genuine. One without frames is, too: it is authentic, and malformed. */
export const dataBytesMin = dataHeaderBytes + tagBytes;

/** The length field of the packet that starts at `offset`, or undefined when it is shorter than a header or longer than what is there. */
export function packetLengthAt(bytes: Uint8Array, offset: number): number | undefined {
  if (bytes.length - offset < commonHeaderBytes) return undefined;
  const length = ((bytes[offset + 1] as number) << 8) | (bytes[offset + 2] as number);
  if (length < commonHeaderBytes || length > bytes.length - offset) return undefined;
  return length;
}
