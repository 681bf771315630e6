/** Packet numbers travel as their low 32 bits. */
export const PACKET_NUMBER_BYTES = 4;

const WINDOW_SIZE = 0x1_0000_0000;

/** The low 32 bits of `packetNumber`. */
export function truncatePacketNumber(packetNumber: number): number {
  return packetNumber % WINDOW_SIZE;
}

/**
 * Recovers a full packet number from its low 32 bits: the candidate closest to the one expected next
 * (RFC 9000 §17.1 and appendix A.3). `largestReceived` is −1 before any packet.
 */
// RUDP-PKT-5
export function expandPacketNumber(truncated: number, largestReceived: number): number {
  const expected = largestReceived + 1;
  const base = expected - (expected % WINDOW_SIZE);
  const candidate = base + truncated;
  if (candidate <= expected - WINDOW_SIZE / 2) return candidate + WINDOW_SIZE;
  if (candidate > expected + WINDOW_SIZE / 2 && candidate >= WINDOW_SIZE) return candidate - WINDOW_SIZE;
  return candidate;
}
