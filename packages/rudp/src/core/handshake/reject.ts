import type { CryptoProvider } from '../keys/crypto.ts';
import { CONNECTION_ID_BYTES } from '../packets/connection-id.ts';
import { COMMON_HEADER_BYTES, PacketType } from '../packets/packet.ts';
import { ByteReader } from '../structures/byte-reader.ts';
import { ByteWriter, concatenate } from '../structures/byte-writer.ts';

/**
 * Why a SYN was turned away. The answer is not authenticated, so it only ends a handshake, never a connection; it shows that
 * its sender saw the whole SYN.
 */
export const RejectCode = {
  /** The server does not speak the version of the SYN; the packet names those that it does speak. */
  versionUnsupported: 1,
  /** The pre-shared key is unknown, used up or expired, or the SYN names none where one is needed. */
  keyRefused: 2,
  /** No cipher in common, or an invalid public key. */
  handshakeFailed: 3,
  /** Both sides speak a better version than that of the SYN: a forged REJECT has led the client to this one. */
  versionDowngraded: 4,
} as const;

/** Bytes of the digest that ends a REJECT and a COOKIE. */
export const DIGEST_BYTES = 16;
const REJECT_BYTES_MIN = COMMON_HEADER_BYTES + 2 + 1 + DIGEST_BYTES;

/** What a REJECT says. */
export interface Refusal {
  /** A `RejectCode`. */
  readonly code: number;
  /** Versions that the server speaks, best first. */
  readonly versions: readonly number[];
}

/** A REJECT that answers `syn`, as it arrived. */
// RUDP-REJECT-1
export function encodeReject(
  crypto: CryptoProvider,
  syn: Uint8Array,
  { code, versions }: Refusal,
): Uint8Array {
  const rejectBytes = REJECT_BYTES_MIN + 4 * versions.length;
  const writer = new ByteWriter(new Uint8Array(rejectBytes));
  writer.u8(PacketType.reject);
  writer.u16(rejectBytes);
  writer.raw(clientIdBytes(syn));
  writer.u16(code);
  writer.u8(versions.length);
  for (const version of versions) writer.u32(version);
  writer.raw(digestOf(crypto, syn, writer.bytes.subarray(0, writer.position)));
  return writer.bytes;
}

/**
 * What a REJECT says that answers `syn`, as it was sent; undefined when either of them was damaged on the way. Throws
 * `MalformedPacketError`.
 */
// RUDP-REJECT-2
export function decodeReject(
  crypto: CryptoProvider,
  syn: Uint8Array,
  packet: Uint8Array,
): Refusal | undefined {
  const reader = new ByteReader(packet, COMMON_HEADER_BYTES);
  const code = reader.u16();
  const versions = Array.from({ length: reader.u8() }, () => reader.u32());
  const expected = digestOf(crypto, syn, packet.subarray(0, reader.position));
  return crypto.equal(expected, reader.raw(DIGEST_BYTES)) ? { code, versions } : undefined;
}

/** The version of a SYN. */
export function versionOf(syn: Uint8Array): number {
  return new ByteReader(syn, COMMON_HEADER_BYTES).u32();
}

/** The connection id of the client, behind the common header and the version of its SYN. */
export function clientIdBytes(syn: Uint8Array): Uint8Array {
  const start = COMMON_HEADER_BYTES + 4;
  return syn.slice(start, start + CONNECTION_ID_BYTES);
}

/** The first 16 bytes of the hash over a SYN and the answer to it: shows that both are whole, and that the answerer saw the SYN. */
export function digestOf(crypto: CryptoProvider, syn: Uint8Array, reject: Uint8Array): Uint8Array {
  return crypto.sha256(concatenate(syn, reject)).subarray(0, DIGEST_BYTES);
}
