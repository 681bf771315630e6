import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { connectionIdBytes } from './connection-id.ts';
import { commonHeaderBytes, PacketType, protocolVersion } from './packet.ts';

/** Why a SYN was turned away; the answer is not authenticated, so it only ends a handshake, never a connection. */
export const RejectCode = {
  /** The server speaks none of the client's versions; the packet names the one that it does speak. */
  versionUnsupported: 1,
  /** The pre-shared key is unknown, used up or expired, or the SYN names none where one is needed. */
  keyRefused: 2,
  /** No cipher in common, or an invalid public key. */
  handshakeFailed: 3,
} as const;

const rejectBytes = commonHeaderBytes + 2 + 4;

/** A REJECT that answers the SYN of `clientId` (8 bytes). */
// RUDP-REJECT-1
export function encodeReject(clientId: Uint8Array, code: number): Uint8Array {
  const writer = new ByteWriter(new Uint8Array(rejectBytes));
  writer.u8(PacketType.reject);
  writer.u16(rejectBytes);
  writer.raw(clientId.subarray(0, connectionIdBytes));
  writer.u16(code);
  writer.u32(protocolVersion);
  return writer.bytes;
}

/** The code of a REJECT; throws `MalformedPacketError`. */
export function decodeReject(packet: Uint8Array): number {
  return new ByteReader(packet, commonHeaderBytes).u16();
}
