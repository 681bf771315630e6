import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { connectionIdBytes } from './connection-id.ts';
import type { CryptoProvider } from './crypto.ts';
import { commonHeaderBytes, PacketType, protocolVersion } from './packet.ts';

/**
 * Why a SYN was turned away. The answer is not authenticated, so it only ends a handshake, never a connection; it shows that
 * its sender saw the whole SYN.
 */
export const RejectCode = {
  /** The server speaks none of the client's versions; the packet names the one that it does speak. */
  versionUnsupported: 1,
  /** The pre-shared key is unknown, used up or expired, or the SYN names none where one is needed. */
  keyRefused: 2,
  /** No cipher in common, or an invalid public key. */
  handshakeFailed: 3,
} as const;

/** Bytes of the digest that ends a REJECT and a COOKIE. */
export const digestBytes = 16;
const rejectBytes = commonHeaderBytes + 2 + 4 + digestBytes;

/** A REJECT that answers `syn`, as it arrived. */
// RUDP-REJECT-1
export function encodeReject(crypto: CryptoProvider, syn: Uint8Array, code: number): Uint8Array {
  const writer = new ByteWriter(new Uint8Array(rejectBytes));
  writer.u8(PacketType.reject);
  writer.u16(rejectBytes);
  writer.raw(clientIdBytes(syn));
  writer.u16(code);
  writer.u32(protocolVersion);
  writer.raw(digestOf(crypto, syn, writer.bytes.subarray(0, writer.position)));
  return writer.bytes;
}

/**
 * The code of a REJECT that answers `syn`, as it was sent; undefined when either of them was damaged on the way. Throws
 * `MalformedPacketError`.
 */
// RUDP-REJECT-2
export function decodeReject(
  crypto: CryptoProvider,
  syn: Uint8Array,
  packet: Uint8Array,
): number | undefined {
  const reader = new ByteReader(packet, commonHeaderBytes);
  const code = reader.u16();
  reader.u32();
  const expected = digestOf(crypto, syn, packet.subarray(0, reader.position));
  return crypto.equal(expected, reader.raw(digestBytes)) ? code : undefined;
}

/** The connection id of the client, behind the common header and the version of its SYN. */
export function clientIdBytes(syn: Uint8Array): Uint8Array {
  const start = commonHeaderBytes + 4;
  return syn.slice(start, start + connectionIdBytes);
}

/** The first 16 bytes of the hash over a SYN and the answer to it: shows that both are whole, and that the answerer saw the SYN. */
export function digestOf(crypto: CryptoProvider, syn: Uint8Array, reject: Uint8Array): Uint8Array {
  const both = new Uint8Array(syn.length + reject.length);
  both.set(syn);
  both.set(reject, syn.length);
  return crypto.sha256(both).subarray(0, digestBytes);
}
