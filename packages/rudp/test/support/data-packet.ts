import { DataBit, dataHeaderBytes, isDataType, numberBytesOf } from '../../src/core/packets/packet.ts';

/** True for a DATA packet of this key phase. */
export function isDataOfPhase(packet: Uint8Array, phase: 0 | 1): boolean {
  return isDataType(packet[0]) && ((packet[0] as number) & DataBit.keyPhase) === phase;
}

/** Bytes of a DATA packet before its frames. */
export function headerBytesOf(packet: Uint8Array): number {
  return dataHeaderBytes(packet[0] as number);
}

/** The packet number as far as a DATA packet carries it, which is all of it in a short test. */
export function truncatedNumberOf(packet: Uint8Array): number {
  const end = headerBytesOf(packet);
  return packet
    .subarray(end - numberBytesOf(packet[0] as number), end)
    .reduce((sum, byte) => sum * 256 + byte, 0);
}
