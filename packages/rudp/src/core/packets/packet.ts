import { TAG_BYTES } from '../keys/crypto.ts';
import { CONNECTION_ID_BYTES, SHORT_ID_BYTES } from './connection-id.ts';

/** First byte of each packet. That of a DATA packet holds more in its low four bits: see `DataBit`. */
export const PacketType = {
  syn: 0x01,
  synAck: 0x02,
  reject: 0x03,
  cookie: 0x04,
  statelessReset: 0x05,
  data: 0x40,
} as const;

/** What the low four bits of a DATA packet's first byte tell. */
export const DataBit = {
  keyPhase: 0x01,
  /** Two bits: bytes of the packet number, less one. */
  numberBytes: 0x06,
  /** The destination is a whole id, and not only its beginning. */
  wholeId: 0x08,
} as const;

/** The bits that a DATA packet's first byte has in common with all others. */
const DATA_TYPE_MASK = 0xf0;
/** Where `DataBit.numberBytes` begins. */
const NUMBER_BYTES_SHIFT = 1;

/** True for the first byte of a DATA packet. */
export function isDataType(type: number | undefined): boolean {
  return type !== undefined && (type & DATA_TYPE_MASK) === PacketType.data;
}

/** The first byte of a DATA packet of key phase 0. */
export function dataTypeOf(numberBytes: number, hasWholeId: boolean): number {
  const wholeId = hasWholeId ? DataBit.wholeId : 0;
  return PacketType.data | wholeId | ((numberBytes - 1) << NUMBER_BYTES_SHIFT);
}

/** Bytes of the packet number behind a DATA packet's first byte. */
export function numberBytesOf(type: number): number {
  return ((type & DataBit.numberBytes) >> NUMBER_BYTES_SHIFT) + 1;
}

/** Bytes of the header of a DATA packet with this first byte; all of them are associated data of the AEAD. */
// RUDP-PKT-3, RUDP-PKT-4
export function dataHeaderBytes(type: number): number {
  const idBytes = (type & DataBit.wholeId) === 0 ? SHORT_ID_BYTES : CONNECTION_ID_BYTES;
  return DATA_ID_OFFSET + idBytes + numberBytesOf(type);
}

/** Version that this code speaks. */
export const PROTOCOL_VERSION = 1;

/** The same without packet protection: for measurements, and never on the same list as the other. */
// RUDP-INSECURE-1
export const INSECURE_VERSION = 0x6e6f_7365;

/** Where the destination connection id stands in every packet of the handshake. */
export const CONNECTION_ID_OFFSET = 1 + 2;

/** What every packet but DATA begins with: type u8, length u16, destination connection id. */
export const COMMON_HEADER_BYTES = CONNECTION_ID_OFFSET + CONNECTION_ID_BYTES;

/** Where the destination stands in a DATA packet. */
export const DATA_ID_OFFSET = 1;

/** The longest header of a DATA packet: a whole id and a packet number of four bytes. */
export const DATA_HEADER_BYTES_MAX = DATA_ID_OFFSET + CONNECTION_ID_BYTES + 4;

/** Smallest DATA packet that can be genuine. One without frames is, too: it is authentic, and malformed. */
export const DATA_BYTES_MIN = DATA_ID_OFFSET + SHORT_ID_BYTES + 1 + TAG_BYTES;

/** The length field of the packet at `offset`, which is no DATA packet; undefined when it is shorter than a header or longer than what is there. */
export function packetLengthAt(bytes: Uint8Array, offset: number): number | undefined {
  if (bytes.length - offset < COMMON_HEADER_BYTES) return undefined;
  const length = ((bytes[offset + 1] as number) << 8) | (bytes[offset + 2] as number);
  if (length < COMMON_HEADER_BYTES || length > bytes.length - offset) return undefined;
  return length;
}
